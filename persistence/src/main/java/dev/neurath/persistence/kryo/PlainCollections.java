package dev.neurath.persistence.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lists, sets and maps of whatever class, read back unmodifiable and in the order they were written.
 *
 * <p>A length is believed only as far as the bytes that are left could hold it: a broken message must not allocate.
 */
final class PlainCollections {
    /** Made for that many elements at first: each of many nested lists could claim as many as there are bytes. */
    private static final int ROOM = 1024;

    private PlainCollections() {}

    static final class Lists extends Serializer<List<?>> {
        Lists() {
            super(false, true);
        }

        @Override
        public void write(Kryo kryo, Output output, List<?> list) {
            writeAll(kryo, output, list);
        }

        @Override
        public List<?> read(Kryo kryo, Input input, Class<? extends List<?>> type) {
            int size = length(input);
            List<Object> list = new ArrayList<>(Math.min(size, ROOM));
            for (int i = 0; i < size; i++) {
                list.add(kryo.readClassAndObject(input));
            }
            return Collections.unmodifiableList(list);
        }
    }

    static final class Sets extends Serializer<Set<?>> {
        Sets() {
            super(false, true);
        }

        @Override
        public void write(Kryo kryo, Output output, Set<?> set) {
            writeAll(kryo, output, set);
        }

        @Override
        public Set<?> read(Kryo kryo, Input input, Class<? extends Set<?>> type) {
            int size = length(input);
            Set<Object> set = LinkedHashSet.newLinkedHashSet(Math.min(size, ROOM));
            for (int i = 0; i < size; i++) {
                set.add(kryo.readClassAndObject(input));
            }
            return Collections.unmodifiableSet(set);
        }
    }

    static final class Maps extends Serializer<Map<?, ?>> {
        Maps() {
            super(false, true);
        }

        @Override
        public void write(Kryo kryo, Output output, Map<?, ?> map) {
            output.writeVarInt(map.size(), true);
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                kryo.writeClassAndObject(output, entry.getKey());
                kryo.writeClassAndObject(output, entry.getValue());
            }
        }

        @Override
        public Map<?, ?> read(Kryo kryo, Input input, Class<? extends Map<?, ?>> type) {
            int size = length(input);
            Map<Object, Object> map = LinkedHashMap.newLinkedHashMap(Math.min(size, ROOM));
            for (int i = 0; i < size; i++) {
                Object key = kryo.readClassAndObject(input);
                map.put(key, kryo.readClassAndObject(input));
            }
            return Collections.unmodifiableMap(map);
        }
    }

    private static void writeAll(Kryo kryo, Output output, Collection<?> elements) {
        output.writeVarInt(elements.size(), true);
        for (Object element : elements) {
            kryo.writeClassAndObject(output, element);
        }
    }

    private static int length(Input input) {
        int length = input.readVarInt(true);
        if (length < 0 || length > input.limit() - input.position()) {
            throw new KryoException(
                    "A collection of " + length + " elements in " + (input.limit() - input.position()) + " bytes");
        }
        return length;
    }
}
