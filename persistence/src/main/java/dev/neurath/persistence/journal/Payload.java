package dev.neurath.persistence.journal;

import dev.neurath.persistence.kryo.KryoSerializer;
import java.io.NotSerializableException;
import java.util.Arrays;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.jspecify.annotations.Nullable;

/**
 * An object as Pekko serialization writes it: who wrote it, as what, and the bytes.
 *
 * <p>Kryo's bytes are refused: they follow the classes of one build, and the journal outlives builds. The
 * bytes are nobody's to change; equality is by their content.
 */
@SuppressWarnings("ArrayRecordComponent")
record Payload(int serializerId, String manifest, byte[] bytes) {

    static Payload of(Object object, Serialization serialization) throws NotSerializableException {
        Serializer serializer = serialization.findSerializerFor(object);
        if (serializer instanceof KryoSerializer) {
            throw new NotSerializableException(
                    object.getClass().getName()
                            + " is bound to the Kryo serializer, which is for messages between nodes only: give it an event codec");
        }
        byte[] bytes = serialization.serialize(object).get();
        return new Payload(serializer.identifier(), Serializers.manifestFor(serializer, object), bytes);
    }

    Object read(Serialization serialization) {
        return serialization.deserialize(bytes, serializerId, manifest).get();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Payload that
                && serializerId == that.serializerId
                && manifest.equals(that.manifest)
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * serializerId + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Payload[" + manifest + ", " + bytes.length + " bytes]";
    }
}
