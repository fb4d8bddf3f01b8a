package dev.neurath.agent.qmp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A peer on a real unix socket that follows a script: what a QEMU, or something worse, may do at the other end. */
public final class FakeQemu implements AutoCloseable {
    public static final String GREETING =
            "{\"QMP\": {\"version\": {\"qemu\": {\"major\": 10}}, \"capabilities\": [\"oob\"]}}\r\n";

    final Path path;
    private final ServerSocketChannel server;
    private final CompletableFuture<Void> script;

    public interface Script {
        void play(Peer peer) throws IOException;
    }

    public static final class Peer {
        final SocketChannel channel;
        private final Scanner lines;

        Peer(SocketChannel channel) {
            this.channel = channel;
            this.lines = new Scanner(Channels.newInputStream(channel), StandardCharsets.UTF_8);
        }

        public void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.UTF_8));
        }

        void send(byte[] bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }

        /** The next command line; fails when the client has gone. */
        public String receive() {
            return lines.nextLine();
        }

        public String receiveId() {
            return idOf(receive());
        }

        public void greet() throws IOException {
            send(GREETING);
            reply(receiveId(), "{}");
        }

        public void reply(String id, String value) throws IOException {
            send("{\"return\": " + value + ", \"id\": \"" + id + "\"}\r\n");
        }

        public void event(String name) throws IOException {
            send("{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"" + name + "\"}\r\n");
        }

        /** Its end is in the socket when this returns; closing a channel that another thread reads takes a moment. */
        public void hangUp() throws IOException {
            channel.shutdownOutput();
        }

        public void awaitClose() {
            while (lines.hasNextLine()) {
                lines.nextLine();
            }
        }
    }

    public static String idOf(String command) {
        return command.replaceAll(".*\"id\":\"([^\"]+)\".*", "$1");
    }

    public FakeQemu(Path path, Script script) throws IOException {
        this.path = path;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        this.script = CompletableFuture.runAsync(
                () -> {
                    try (SocketChannel channel = server.accept()) {
                        script.play(new Peer(channel));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                Thread.ofVirtual()::start);
    }

    /** Waits for the script's end; its failure is the test's. */
    public void finished() throws CompletionException {
        script.join();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
