package dev.neurath.persistence.kryo;

import com.esotericsoftware.kryo.Serializer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The numbers under which classes travel, gathered from all modules; each number and each class at most once. */
public final class KryoIds {
    /** Numbers below are this module's own. */
    public static final int FIRST_FREE = 100;

    record Entry(Class<?> type, @Nullable Serializer<?> serializer) {}

    private final Map<Integer, Entry> entries = new LinkedHashMap<>();

    KryoIds() {}

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
}
