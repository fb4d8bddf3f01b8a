package dev.neurath.agent.handover;

import dev.neurath.agent.os.Linux;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A guest's device state on its way through the agent: read to its end, kept in memory, never written anywhere. Nothing here waits longer than it is told, so
 * that a QEMU that hangs keeps no guest still.
 */
final class StateStream implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateStream.class);
    /** Measured: 0.3 MB; graphics memory, which is no guest RAM, adds its size. */
    private static final int MOST_BYTES = 256 << 20;

    private static final int CHUNK_BYTES = 256 << 10;
    /** Of st_mode, see inode(7). */
    private static final int FILE_TYPE = 0170000;

    private static final int SOCKET = 0140000;

    private final Path path;
    private final ServerSocketChannel server;

    private StateStream(Path path, ServerSocketChannel server) {
        this.path = path;
        this.server = server;
    }

    static StateStream listening(Path path) throws IOException {
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            server.close();
            throw e;
        }
        return new StateStream(path, server);
    }

    /** Who may connect besides root. It lies in a directory of that user's, who may have put another file there: what is given is held first. */
    void giveTo(long user) throws IOException {
        int fd = Linux.openPath(path);
        try {
            Path held = Path.of("/proc/self/fd", Integer.toString(fd));
            boolean socket = ((int) Files.getAttribute(held, "unix:mode") & FILE_TYPE) == SOCKET;
            if (!socket) {
                throw new IOException(path + " is not the socket that was made there");
            }
            Files.setAttribute(held, "unix:uid", (int) user);
        } finally {
            Linux.close(fd);
        }
    }

    /**
     * @param leftNanos how long may still be waited, asked again and again
     * @throws IOException if the sender did not come to its end in time
     */
    byte[] receive(LongSupplier leftNanos) throws IOException {
        server.configureBlocking(false);
        try (SocketChannel sender = accepted(leftNanos)) {
            sender.configureBlocking(false);
            var state = new ByteArrayOutputStream(CHUNK_BYTES);
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            try (Selector selector = Selector.open()) {
                sender.register(selector, java.nio.channels.SelectionKey.OP_READ);
                while (true) {
                    int read = sender.read(chunk.clear());
                    if (read < 0) {
                        return state.toByteArray();
                    }
                    state.write(chunk.array(), 0, read);
                    if (state.size() > MOST_BYTES) {
                        throw new IOException("a state of more than " + MOST_BYTES + " bytes is not kept");
                    }
                    if (read == 0) {
                        select(selector, leftNanos, "the state did not come to its end in time");
                    }
                }
            }
        }
    }

    private SocketChannel accepted(LongSupplier leftNanos) throws IOException {
        try (Selector selector = Selector.open()) {
            server.register(selector, java.nio.channels.SelectionKey.OP_ACCEPT);
            while (true) {
                SocketChannel sender = server.accept();
                if (sender != null) {
                    return sender;
                }
                select(selector, leftNanos, "nobody sent a state in time");
            }
        }
    }

    private static void select(Selector selector, LongSupplier leftNanos, String tooLate) throws IOException {
        long left = leftNanos.getAsLong();
        if (left <= 0) {
            throw new IOException(tooLate);
        }
        // Short, because how much is left changes when the guest is stopped.
        selector.select(Math.clamp(TimeUnit.NANOSECONDS.toMillis(left), 1, 5));
        selector.selectedKeys().clear();
    }

    /** Where a state is put into. */
    static final class Sink implements AutoCloseable {
        private final SocketChannel channel;

        private Sink(SocketChannel channel) {
            this.channel = channel;
        }

        /** As much as the receiver takes in time: one that refuses the state closes its end before it says so, thus what came of it is for the receiver to tell. */
        void send(byte[] state, LongSupplier leftNanos) throws IOException {
            channel.configureBlocking(false);
            ByteBuffer rest = ByteBuffer.wrap(state);
            try (Selector selector = Selector.open()) {
                channel.register(selector, java.nio.channels.SelectionKey.OP_WRITE);
                while (rest.hasRemaining()) {
                    if (channel.write(rest) == 0) {
                        select(selector, leftNanos, "the state was not taken in time");
                    }
                }
            } catch (IOException e) {
                LOG.debug("{} bytes of a guest's state were not taken", rest.remaining(), e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    static Sink connected(Path path) throws IOException {
        return new Sink(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
    }
}
