package dev.neurath.persistence.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.util.Pool;
import com.typesafe.config.Config;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.JSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Messages between nodes of the cluster, written by Kryo under fixed class numbers.
 *
 * <p>Only registered classes are written or read, and nothing larger than {@code neurath.serialization.max-message-bytes}.
 * Never for the journal, which refuses it: these bytes follow the shape of the classes. So that nodes of two builds understand
 * each other, a number's shape is for ever; the list of all shapes is beside {@code KryoFormatTest}.
 */
public final class KryoSerializer extends JSerializer {
    /** Kryo keeps two for null and for a class by its name. */
    private static final int NUMBERS_BEGIN = 2;

    private final int identifier;
    private final int maxBytes;
    private final KryoIds ids;
    /** Kryo is not for two threads at once; soft references let the pool shrink. */
    private final Pool<Kryo> pool = new Pool<>(true, true, 32) {
        @Override
        protected Kryo create() {
            return new NodeKryo(ids);
        }
    };

    public KryoSerializer(ExtendedActorSystem system) {
        Config config = system.settings().config().getConfig("neurath.serialization");
        this.identifier = config.getInt("kryo-identifier");
        this.maxBytes = (int) Math.min(Integer.MAX_VALUE - 8, config.getBytes("max-message-bytes"));
        this.ids = KryoIds.gathered(
                config, system.dynamicAccess().classLoader(), ActorRefResolver.get(Adapter.toTyped(system)));
        // Once at start, so that a class that Kryo cannot handle is known before the first message.
        pool.free(pool.obtain());
    }

    @Override
    public int identifier() {
        return identifier;
    }

    @Override
    public boolean includeManifest() {
        return false;
    }

    @Override
    public byte[] toBinary(Object message) {
        Kryo kryo = pool.obtain();
        try (Output output = new Output(256, maxBytes)) {
            kryo.writeClassAndObject(output, message);
            return output.toBytes();
        } catch (KryoException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Cannot send a " + message.getClass().getName() + " of at most " + maxBytes
                            + " bytes to another node: " + e.getMessage(),
                    e);
        } finally {
            pool.free(kryo);
        }
    }

    @Override
    public Object fromBinaryJava(byte[] bytes, @Nullable Class<?> manifest) {
        if (bytes.length > maxBytes) {
            UnreadMessages.count();
            throw new IllegalArgumentException(
                    "A message of " + bytes.length + " bytes from another node; " + maxBytes + " are allowed");
        }
        Kryo kryo = pool.obtain();
        try (Input input = new BoundedInput(bytes)) {
            return kryo.readClassAndObject(input);
        } catch (RuntimeException | LinkageError e) {
            // Whatever the bytes made of a class or of its constructor: the message is not one of ours.
            // Pekko drops it, and this sentence is what it logs.
            UnreadMessages.count();
            throw new UnreadMessage("Cannot read a message (" + outermost(bytes)
                    + ") from another node: a node of a newer or older build sent it, or it is broken. It is dropped; whoever"
                    + " waits for it asks again. "
                    + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
        } finally {
            pool.free(kryo);
        }
    }

    /** The message's number comes first, also where it is something inside that is not understood. */
    private String outermost(byte[] bytes) {
        try (Input input = new Input(bytes)) {
            int number = input.readVarInt(true) - NUMBERS_BEGIN;
            KryoIds.Entry entry = ids.entries().get(number);
            return "number " + number
                    + (entry == null ? ", unknown here" : ", " + entry.type().getName());
        } catch (KryoException tooShort) {
            return "without a number";
        }
    }
}
