package dev.neurath.testbed.agent;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between two QEMUs on the way of one stream. After some bytes it does something to one of them, and lets nothing through any
 * more, as if the reader had stopped reading; or it only waits, and then lets the rest through. It ends with either side's connection.
 */
public final class CuttingProxy {
    private static final Logger LOG = LoggerFactory.getLogger(CuttingProxy.class);
    private static final int CHUNK = 8 << 10;

    private final Path path;
    private final Path target;
    private final long afterBytes;
    private final Runnable cut;
    private final boolean goesOn;

    private CuttingProxy(Path path, Path target, long afterBytes, Runnable cut, boolean goesOn) {
        this.goesOn = goesOn;
        this.path = path;
        this.target = target;
        this.afterBytes = afterBytes;
        this.cut = cut;
    }

    /** Listens beside {@code target}, which need not exist yet, for one connection. */
    public static CuttingProxy before(Path target, long afterBytes, Runnable cut) throws IOException {
        return listening(target, afterBytes, cut, false);
    }

    /** As above, but the stream goes on when {@code hold} returns. */
    public static CuttingProxy holding(Path target, long afterBytes, Runnable hold) throws IOException {
        return listening(target, afterBytes, hold, true);
    }

    private static CuttingProxy listening(Path target, long afterBytes, Runnable cut, boolean goesOn)
            throws IOException {
        CuttingProxy proxy =
                new CuttingProxy(target.resolveSibling(target.getFileName() + ".x"), target, afterBytes, cut, goesOn);
        Files.deleteIfExists(proxy.path);
        ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        door.bind(UnixDomainSocketAddress.of(proxy.path));
        Thread.ofVirtual().name("cutting-proxy").start(() -> proxy.serve(door));
        return proxy;
    }

    public Path path() {
        return path;
    }

    private void serve(ServerSocketChannel door) {
        try (door;
                SocketChannel sender = door.accept();
                SocketChannel reader = SocketChannel.open(UnixDomainSocketAddress.of(target))) {
            Files.deleteIfExists(path);
            CountDownLatch over = new CountDownLatch(1);
            Thread.ofVirtual().name("cutting-proxy-back").start(() -> back(reader, sender, over));
            forward(sender, reader);
            // A reader that stands still keeps its end open until somebody ends it.
            over.await();
        } catch (IOException e) {
            LOG.info("the stream to {} ended: {}", target, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void forward(SocketChannel from, SocketChannel to) throws IOException {
        if (!pass(from, to, afterBytes)) {
            LOG.warn("the whole stream was shorter than where it was to be cut: {} bytes", afterBytes);
            to.shutdownOutput();
            return;
        }
        cut.run();
        if (goesOn) {
            pass(from, to, Long.MAX_VALUE);
            to.shutdownOutput();
        }
    }

    /** @return false if the sender ended before so many bytes */
    private static boolean pass(SocketChannel from, SocketChannel to, long bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        long left = bytes;
        while (left > 0) {
            buffer.clear().limit((int) Math.min(CHUNK, left));
            int read = from.read(buffer);
            if (read < 0) {
                return false;
            }
            left -= read;
            buffer.flip();
            while (buffer.hasRemaining()) {
                to.write(buffer);
            }
        }
        return true;
    }

    private static void back(SocketChannel from, SocketChannel to, CountDownLatch over) {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        try {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
        } catch (ClosedChannelException e) {
            LOG.debug("the other side is gone already", e);
        } catch (IOException e) {
            LOG.info("the way back ended: {}", e.toString());
        } finally {
            over.countDown();
        }
    }
}
