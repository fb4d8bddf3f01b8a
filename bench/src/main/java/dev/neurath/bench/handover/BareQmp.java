package dev.neurath.bench.handover;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The least that speaks QMP to several QEMUs: one thread, one selector, nothing handed from thread to thread. It hears events the moment they are there,
 * and knows no failure but "it did not work".
 */
final class BareQmp implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);

    BareQmp() throws IOException {}

    /** One QEMU. What it last announced is in the fields; only this thread reads and writes them. */
    final class Side implements AutoCloseable {
        private final SocketChannel channel;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private @Nullable JsonNode answer;
        private boolean greeted;
        String migration = "";

        @Nullable
        Instant stopped;

        @Nullable
        Instant resumed;

        private Side(SocketChannel channel) {
            this.channel = channel;
        }

        void send(String command, Map<String, ?> arguments) throws IOException {
            answer = null;
            channel.write(ByteBuffer.wrap(JSON.writeValueAsBytes(Map.of("execute", command, "arguments", arguments))));
        }

        /** Empty if it was refused. */
        boolean tried(String command, Map<String, ?> arguments) throws IOException {
            return !ask(command, arguments).has("error");
        }

        JsonNode execute(String command, Map<String, ?> arguments) throws IOException {
            JsonNode got = ask(command, arguments);
            if (got.has("error")) {
                throw new IOException(
                        command + ": " + got.path("error").path("desc").asText());
            }
            return got.path("return");
        }

        private JsonNode ask(String command, Map<String, ?> arguments) throws IOException {
            send(command, arguments);
            JsonNode got = answer;
            while (got == null) {
                hear(LIMIT);
                got = answer;
            }
            return got;
        }

        private void read() throws IOException {
            int count = channel.read(buffer.clear());
            if (count < 0) {
                throw new IOException("QEMU closed the connection");
            }
            for (int i = 0; i < count; i++) {
                byte next = buffer.get(i);
                if (next == '\n') {
                    accept(JSON.readTree(line.toByteArray()));
                    line.reset();
                } else {
                    line.write(next);
                }
            }
        }

        private void accept(JsonNode message) {
            switch (message.path("event").asText()) {
                case "STOP" -> stopped = stamp(message);
                case "RESUME" -> resumed = stamp(message);
                case "MIGRATION" ->
                    migration = message.path("data").path("status").asText();
                case "" -> {
                    greeted |= message.has("QMP");
                    answer = message;
                }
                default -> {
                    // Nothing follows from the others.
                }
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static Instant stamp(JsonNode event) {
        JsonNode at = event.path("timestamp");
        return Instant.ofEpochSecond(
                at.path("seconds").asLong(), at.path("microseconds").asLong() * 1000);
    }

    /** Tries until the socket is listened to: there is nothing that would tell. */
    Side connect(Path socket, BooleanSupplier alive) throws IOException {
        while (alive.getAsBoolean()) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
            } catch (IOException notYet) {
                channel.close();
                selector.select(1);
                continue;
            }
            var side = new Side(channel);
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ, side);
            until(() -> side.greeted, LIMIT);
            side.execute("qmp_capabilities", Map.of());
            return side;
        }
        throw new IOException("QEMU ended before it could be reached at " + socket);
    }

    void until(BooleanSupplier condition, Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            hear(Duration.ofNanos(end - System.nanoTime()));
        }
    }

    private void hear(Duration limit) throws IOException {
        if (limit.toMillis() <= 0 || selector.select(limit.toMillis()) == 0) {
            throw new IOException("QEMU said nothing for too long");
        }
        for (SelectionKey key : selector.selectedKeys()) {
            ((Side) key.attachment()).read();
        }
        selector.selectedKeys().clear();
    }

    /** For what nobody announces: another try in a millisecond. */
    void pause() throws IOException {
        selector.select(1);
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
