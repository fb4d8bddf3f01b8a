package dev.neurath.coordinator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.Random;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** All classes that nodes say to each other, each begun and followed by garbage from a seed: it is refused or read, and takes no thread or node with it. */
@Timeout(60)
class KryoGarbageTest {
    private static final int GREATEST_NUMBER = 999;
    private static final int TRIES_OF_EACH = 20;

    @Test
    void garbage_behind_any_class_is_refused_or_read() throws NotSerializableException {
        ActorTestKit kit = ActorTestKit.create(ConfigFactory.load());
        try {
            var config = kit.system().settings().config();
            Serializer kryo = SerializationExtension.get(kit.system().classicSystem())
                    .serializerByIdentity()
                    .apply(config.getInt("neurath.serialization.kryo-identifier"));
            var random = new Random(11);
            int read = 0;
            for (int number = 0; number <= GREATEST_NUMBER; number++) {
                for (int i = 0; i < TRIES_OF_EACH; i++) {
                    read += reads(kryo, begun(number, random)) ? 1 : 0;
                }
            }
            assertThat(read).isBetween(1, GREATEST_NUMBER * TRIES_OF_EACH / 2);
        } finally {
            kit.shutdownTestKit();
        }
    }

    private static boolean reads(Serializer kryo, byte[] message) throws NotSerializableException {
        try {
            kryo.fromBinary(message);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Kryo writes a class as its number and two more, seven bits a byte. */
    private static byte[] begun(int number, Random random) {
        byte[] message = new byte[2 + random.nextInt(200)];
        random.nextBytes(message);
        if (random.nextBoolean()) {
            // Small numbers get further: lengths that fit, enums and booleans that are.
            Arrays.fill(message, (byte) random.nextInt(4));
        }
        message[0] = (byte) (((number + 2) & 0x7f) | 0x80);
        message[1] = (byte) ((number + 2) >>> 7);
        return message;
    }
}
