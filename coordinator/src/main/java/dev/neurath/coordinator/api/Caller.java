package dev.neurath.coordinator.api;

import dev.neurath.model.Actor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, for the events that follow. On plaintext loopback nobody is authenticated: the caller may name somebody, and is {@code local} if it
 * does not.
 */
final class Caller implements ServerInterceptor {
    static final Metadata.Key<String> NAME = Metadata.Key.of("neurath-actor", Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<Actor> ACTOR = Context.keyWithDefault("neurath-actor", Actor.LOCAL);
    private static final int LONGEST = 128;

    static Actor current() {
        return ACTOR.get();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Context context = Context.current().withValue(ACTOR, actor(headers.get(NAME)));
        return Contexts.interceptCall(context, call, headers, next);
    }

    private static Actor actor(@Nullable String name) {
        if (name == null || name.isBlank()) {
            return Actor.LOCAL;
        }
        return new Actor(name.length() > LONGEST ? name.substring(0, LONGEST) : name);
    }
}
