package dev.neurath.persistence.kryo;

import com.esotericsoftware.kryo.Serializer;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.jspecify.annotations.Nullable;

/** The numbers under which classes travel, gathered from all modules; each number and each class at most once. */
public final class KryoIds {
    /** Numbers below are this module's own. */
    public static final int FIRST_FREE = 100;

    /** What travels under a number. */
    record Entry(Class<?> type, @Nullable Serializer<?> serializer) {}

    private final Map<Integer, Entry> entries = new LinkedHashMap<>();

    KryoIds() {}

    /** Those of this module and of all that the block {@code neurath.serialization} names. */
    public static KryoIds gathered(Config serialization, ClassLoader loader, ActorRefResolver resolver) {
        KryoIds ids = NodeKryo.ownIds(resolver);
        Map<String, ConfigValue> registrations = new TreeMap<>(serialization.getObject("kryo-registrations"));
        registrations.forEach(
                (module, name) -> registration(loader, module, name.unwrapped()).register(ids));
        return ids;
    }

    /** For whoever looks after the format: every class by its number. */
    public SortedMap<Integer, Class<?>> classes() {
        var classes = new TreeMap<Integer, Class<?>>();
        entries.forEach((id, entry) -> classes.put(id, entry.type()));
        return classes;
    }

    /** @return the class that writes what has this number; empty where Kryo writes a record or an enum by itself */
    public Optional<Class<?>> writer(int id) {
        Entry entry = entries.get(id);
        return entry == null || entry.serializer() == null
                ? Optional.empty()
                : Optional.of(entry.serializer().getClass());
    }

    /** A record, an enum, or a class that Kryo writes by itself. */
    public KryoIds add(int id, Class<?> type) {
        return claim(id, new Entry(type, null));
    }

    /** @param serializer must be free of state: all threads share it */
    public <T> KryoIds add(int id, Class<T> type, Serializer<? super T> serializer) {
        return claim(id, new Entry(type, serializer));
    }

    Map<Integer, Entry> entries() {
        return entries;
    }

    KryoIds addOwn(int id, Class<?> type, @Nullable Serializer<?> serializer) {
        put(id, new Entry(type, serializer));
        return this;
    }

    private KryoIds claim(int id, Entry entry) {
        if (id < FIRST_FREE) {
            throw new IllegalArgumentException(
                    "Kryo id " + id + " for " + entry.type().getName() + ": ids start at " + FIRST_FREE);
        }
        put(id, entry);
        return this;
    }

    private void put(int id, Entry entry) {
        Entry earlier = entries.putIfAbsent(id, entry);
        if (earlier != null) {
            throw new IllegalArgumentException("Kryo id " + id + " is given to both "
                    + earlier.type().getName() + " and " + entry.type().getName());
        }
        boolean twice = entries.values().stream()
                        .filter(other -> other.type() == entry.type())
                        .count()
                > 1;
        if (twice) {
            throw new IllegalArgumentException(entry.type().getName() + " is registered twice");
        }
    }

    private static KryoRegistration registration(ClassLoader loader, String module, Object className) {
        try {
            return loader.loadClass(String.valueOf(className))
                    .asSubclass(KryoRegistration.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "neurath.serialization.kryo-registrations." + module + " names " + className
                            + ", which is no usable KryoRegistration",
                    e);
        }
    }
}
