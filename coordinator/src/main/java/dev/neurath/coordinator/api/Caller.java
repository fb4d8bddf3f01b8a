package dev.neurath.coordinator.api;

import dev.neurath.identity.Identity;
import dev.neurath.identity.Role;
import dev.neurath.identity.Untrusted;
import dev.neurath.model.Actor;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, for the events that follow, and whether they may: nothing of a call is read before both are settled.
 *
 * <p>With TLS the certificate says who, and {@link Access} what that role may. On plaintext loopback nobody is authenticated and everybody may do everything: the
 * caller may name somebody, and is {@code local} if it does not.
 */
final class Caller implements ServerInterceptor {
    static final Metadata.Key<String> NAME = Metadata.Key.of("neurath-actor", Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<Actor> ACTOR = Context.keyWithDefault("neurath-actor", Actor.LOCAL);
    private static final Context.Key<Boolean> ONLY_LOOKS = Context.keyWithDefault("neurath-only-looks", false);
    private static final Context.Key<HostId> HOST = Context.key("neurath-host");
    private static final int LONGEST = 128;

    private final @Nullable Members members;
    private final @Nullable OpenStreams streams;

    private Caller(@Nullable Members members, @Nullable OpenStreams streams) {
        this.members = members;
        this.streams = streams;
    }

    static Caller onPlaintext() {
        return new Caller(null, null);
    }

    static Caller byCertificate(Members members, OpenStreams streams) {
        return new Caller(members, streams);
    }

    static Actor current() {
        return ACTOR.get();
    }

    /** @return true if nothing may begin anywhere for this call, not even a probe */
    static boolean onlyLooks() {
        return ONLY_LOOKS.get();
    }

    /** @return the host that the calling agent's certificate is for; null if none was asked for */
    static @Nullable HostId provenHost() {
        return HOST.get();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (members == null || streams == null) {
            return Contexts.interceptCall(
                    Context.current().withValue(ACTOR, named(headers.get(NAME))), call, headers, next);
        }
        var judged = new JudgedCall<>(call);
        Context context;
        try {
            context = admitted(members, judged);
        } catch (StatusRuntimeException e) {
            judged.end(e);
            return new ServerCall.Listener<>() {};
        }
        if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
            return Contexts.interceptCall(context, judged, headers, next);
        }
        streams.add(judged);
        return streams.watched(judged, Contexts.interceptCall(context, judged, headers, next));
    }

    private static Context admitted(Members members, ServerCall<?, ?> call) {
        String method = call.getMethodDescriptor().getFullMethodName();
        Access access = Access.of(method)
                .orElseThrow(() -> Status.UNIMPLEMENTED
                        .withDescription("Nobody may call " + method + ": it has no row in the table of methods")
                        .asRuntimeException());
        if (access == Access.OPEN) {
            return Context.current();
        }
        Identity identity;
        try {
            identity = members.identify(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        } catch (Untrusted e) {
            throw Refused.unauthenticated(e.refusal());
        }
        if (!access.isGrantedTo(identity.role())) {
            throw Refused.notAllowed(roleTooLow(method, access, identity));
        }
        Context context = Context.current()
                .withValue(ACTOR, new Actor(identity.name()))
                .withValue(ONLY_LOOKS, !Access.OPERATE.isGrantedTo(identity.role()));
        // An agent's name can be a host's id: Identity takes no other.
        return identity.role() == Role.AGENT ? context.withValue(HOST, new HostId(identity.name())) : context;
    }

    private static Refusal roleTooLow(String method, Access access, Identity identity) {
        String needed = access.least().word();
        return Refusal.of(
                "ROLE_TOO_LOW",
                "%s needs role %s, and the certificate is %s's, of role %s."
                        .formatted(
                                method.substring(method.lastIndexOf('.') + 1),
                                needed,
                                identity.name(),
                                identity.role().word()),
                "ask whoever keeps the CA for one: neurath ca issue --role %s".formatted(needed));
    }

    private static Actor named(@Nullable String name) {
        if (name == null || name.isBlank()) {
            return Actor.LOCAL;
        }
        return new Actor(name.length() > LONGEST ? name.substring(0, LONGEST) : name);
    }
}
