package dev.neurath.persistence.events;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * All event codecs of a build: finds the one for an event or a manifest, and leads old payloads up to the present version.
 *
 * <p>Pure apart from loading classes by name. A version newer than this build is refused, never guessed at.
 */
public final class EventCodecs {
    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9-]*");
    private static final Pattern MANIFEST = Pattern.compile("([a-z][a-z0-9-]*)/([1-9][0-9]{0,8})");

    private final Map<String, EventCodec<?>> byType = new HashMap<>();
    private final ClassValue<EventCodec<?>> byClass = new ClassValue<>() {
        @Override
        protected EventCodec<?> computeValue(Class<?> eventClass) {
            return find(eventClass);
        }
    };

    public EventCodecs(Collection<? extends EventCodec<?>> codecs) {
        for (EventCodec<?> codec : codecs) {
            if (!TYPE.matcher(codec.type()).matches() || codec.version() < 1) {
                throw new IllegalArgumentException("Not an event type and version: " + manifestOf(codec));
            }
            if (byType.putIfAbsent(codec.type(), codec) != null) {
                throw new IllegalArgumentException("Two event codecs for the type " + codec.type());
            }
        }
    }

    /** From the block {@code neurath.serialization}. */
    public static EventCodecs from(Config serialization, ClassLoader loader) {
        List<EventCodec<?>> codecs = new ArrayList<>();
        for (ConfigValue className : serialization.getObject("event-codecs").values()) {
            codecs.addAll(source(String.valueOf(className.unwrapped()), loader).codecs());
        }
        return new EventCodecs(codecs);
    }

    public String manifest(Object event) {
        return manifestOf(byClass.get(event.getClass()));
    }

    public byte[] encode(Object event) {
        return encode(byClass.get(event.getClass()), event);
    }

    /**
     * @throws UnreadableEvent for a manifest that is none, a type that is unknown, a version that is newer than this build, or a payload that says what this
     *     build does not know
     */
    public Object decode(String manifest, byte[] payload) {
        Matcher parts = MANIFEST.matcher(manifest);
        if (!parts.matches()) {
            throw new UnreadableEvent("'" + manifest + "' is not an event manifest: type/version expected");
        }
        EventCodec<?> codec = byType.get(parts.group(1));
        if (codec == null) {
            throw new UnreadableEvent("This build knows no events of the type " + parts.group(1));
        }
        int written = Integer.parseInt(parts.group(2));
        if (written > codec.version()) {
            throw new UnreadableEvent("The event " + manifest + " is newer than this build, which knows "
                    + manifestOf(codec) + ": start a build at least as new as the one that wrote it");
        }
        try {
            byte[] present = payload;
            for (int version = written; version < codec.version(); version++) {
                present = codec.upcast(version, present);
            }
            return decode(codec, present);
        } catch (IllegalArgumentException e) {
            throw new UnreadableEvent("The event " + manifest + " cannot be read: " + e.getMessage(), e);
        }
    }

    private EventCodec<?> find(Class<?> eventClass) {
        List<EventCodec<?>> fitting = new ArrayList<>();
        for (EventCodec<?> codec : byType.values()) {
            if (codec.eventClass().isAssignableFrom(eventClass)) {
                fitting.add(codec);
            }
        }
        if (fitting.size() != 1) {
            throw new IllegalArgumentException(fitting.size() + " event codecs fit " + eventClass.getName()
                    + "; one must be named in neurath.serialization.event-codecs");
        }
        return fitting.getFirst();
    }

    private static <E> byte[] encode(EventCodec<E> codec, Object event) {
        return codec.encode(codec.eventClass().cast(event));
    }

    private static <E> Object decode(EventCodec<E> codec, byte[] payload) {
        E event = codec.decode(payload);
        if (event == null) {
            throw new IllegalStateException("The codec of " + manifestOf(codec) + " made nothing of a payload");
        }
        return event;
    }

    private static String manifestOf(EventCodec<?> codec) {
        return codec.type() + "/" + codec.version();
    }

    private static EventCodecSource source(String className, ClassLoader loader) {
        try {
            return loader.loadClass(className)
                    .asSubclass(EventCodecSource.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "neurath.serialization.event-codecs names " + className + ", which is no usable EventCodecSource",
                    e);
        }
    }
}
