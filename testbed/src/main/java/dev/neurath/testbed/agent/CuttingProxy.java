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
 * more, as if the reader had stopped reading. It ends with either side's connection.
 */
public final class CuttingProxy {
    private static final Logger LOG = LoggerFactory.getLogger(CuttingProxy.class);
    private static final int CHUNK = 8 << 10;

    private final Path path;
    private final Path target;
    private final long afterBytes;
    private final Runnable cut;

    private CuttingProxy(Path path, Path target, long afterBytes, Runnable cut) {
        this.path = path;
        this.target = target;
        this.afterBytes = afterBytes;
        this.cut = cut;
    }

    /** Listens beside {@code target}, which need not exist yet, for one connection. */
    public static CuttingProxy before(Path target, long afterBytes, Runnable cut) throws IOException {
        CuttingProxy proxy =
                new CuttingProxy(target.resolveSibling(target.getFileName() + ".x"), target, afterBytes, cut);
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
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        long left = afterBytes;
        while (left > 0) {
            buffer.clear().limit((int) Math.min(CHUNK, left));
            int read = from.read(buffer);
            if (read < 0) {
                LOG.warn("the whole stream was {} bytes short of where it was to be cut", left);
                to.shutdownOutput();
                return;
            }
            left -= read;
            buffer.flip();
            while (buffer.hasRemaining()) {
                to.write(buffer);
            }
        }
        cut.run();
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
