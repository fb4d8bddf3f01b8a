package dev.neurath.persistence.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.DefaultSerializers;
import com.esotericsoftware.kryo.serializers.OptionalSerializers;
import com.esotericsoftware.kryo.serializers.TimeSerializers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;

/**
 * A Kryo that knows nothing but the registered classes, each under its fixed number.
 *
 * <p>Lists, sets, maps and actor references are registered by their interface: which class implements one is no business of
 * the node that reads it.
 */
final class NodeKryo extends Kryo {
    /** Our own messages nest a dozen deep; a chain of lists in lists must not end the stack. */
    private static final int DEEPEST = 64;

    private static final List<Class<?>> BY_INTERFACE =
            List.of(ActorRef.class, List.class, Set.class, Map.class, Done.class);

    NodeKryo(KryoIds ids) {
        setRegistrationRequired(true);
        setReferences(false);
        setMaxDepth(DEEPEST);
        ids.entries().forEach((id, entry) -> {
            Serializer<?> serializer = entry.serializer();
            register(new Registration(
                    entry.type(), serializer == null ? getDefaultSerializer(entry.type()) : serializer, id));
        });
    }

    /** This module's own; numbers 0 to 8 are Kryo's primitives and String. */
    static KryoIds ownIds(ActorRefResolver resolver) {
        return new KryoIds()
                .addOwn(20, ActorRef.class, new ActorRefs(resolver))
                .addOwn(21, List.class, new PlainCollections.Lists())
                .addOwn(22, Set.class, new PlainCollections.Sets())
                .addOwn(23, Map.class, new PlainCollections.Maps())
                .addOwn(24, Optional.class, new OptionalSerializers.OptionalSerializer())
                .addOwn(25, OptionalInt.class, new OptionalSerializers.OptionalIntSerializer())
                .addOwn(26, OptionalLong.class, new OptionalSerializers.OptionalLongSerializer())
                .addOwn(27, Instant.class, new TimeSerializers.InstantSerializer())
                .addOwn(28, Duration.class, new TimeSerializers.DurationSerializer())
                .addOwn(29, UUID.class, new DefaultSerializers.UUIDSerializer())
                .addOwn(30, byte[].class, null)
                .addOwn(31, Done.class, new TheOneDone());
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Registration getRegistration(Class type) {
        for (Class<?> byInterface : BY_INTERFACE) {
            if (type != byInterface && byInterface.isAssignableFrom(type)) {
                return super.getRegistration(byInterface);
            }
        }
        return super.getRegistration(type);
    }

    /** There is one, of a class of its own, and none can be made. */
    private static final class TheOneDone extends Serializer<Done> {
        @Override
        public void write(Kryo kryo, Output output, Done done) {}

        @Override
        public Done read(Kryo kryo, Input input, Class<? extends Done> type) {
            return Done.getInstance();
        }
    }
}
