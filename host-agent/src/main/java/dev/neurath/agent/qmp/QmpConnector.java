package dev.neurath.agent.qmp;

import dev.neurath.agent.qmp.QmpFailure.Reason;
import dev.neurath.agent.qmp.QmpFailure.Sent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;

/**
 * Opens QMP connections: retries until the socket is there, then waits for the greeting and negotiates.
 *
 * <p>A connection is handed out only after QEMU has answered qmp_capabilities, which is what makes statuses read on it count.
 */
public final class QmpConnector {
    /** A QEMU binds its socket within tens of milliseconds after its start; retrying faster would only burn the processor. */
    private static final long RETRY_NANOS = 2_000_000;
    /** sun_path of Linux, with its closing zero. */
    private static final int LONGEST_PATH_BYTES = 107;

    private final QmpLoop loop;

    public QmpConnector(QmpLoop loop) {
        this.loop = loop;
    }

    public CompletableFuture<QmpConnection> connect(Path socket, QmpOptions options, QmpListener listener) {
        CompletableFuture<QmpConnection> connected = new CompletableFuture<>();
        if (socket.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length > LONGEST_PATH_BYTES) {
            connected.completeExceptionally(new QmpFailure(
                    Reason.NOT_REACHABLE, Sent.NOT_SENT, "the path of the QMP socket is too long: " + socket));
            return connected;
        }
        long end = System.nanoTime() + options.connectWithin().toNanos();
        attempt(socket, options, listener, end, connected);
        return connected;
    }

    private void attempt(
            Path socket,
            QmpOptions options,
            QmpListener listener,
            long end,
            CompletableFuture<QmpConnection> connected) {
        if (loop.stopping()) {
            connected.completeExceptionally(
                    new QmpFailure(Reason.CLOSED, Sent.NOT_SENT, "the agent stopped serving QMP"));
        }
        if (connected.isDone()) {
            return;
        }
        String refused;
        try {
            UnixSocketChannel channel = UnixSocketChannel.create();
            try {
                channel.configureBlocking(false);
                if (channel.connect(new UnixSocketAddress(socket.toFile()))) {
                    new QmpConnection(loop, channel, socket, options, listener, connected).start();
                    return;
                }
                // A unix socket never connects later: the listener's queue is full.
                refused = "its queue of connections is full";
            } catch (IOException e) {
                refused = String.valueOf(e.getMessage());
            }
            channel.close();
        } catch (IOException e) {
            connected.completeExceptionally(e);
            return;
        }
        if (System.nanoTime() - end >= 0) {
            connected.completeExceptionally(new QmpFailure(
                    Reason.NOT_REACHABLE, Sent.NOT_SENT, "nobody answers at " + socket + ": " + refused));
            return;
        }
        loop.later(RETRY_NANOS, () -> attempt(socket, options, listener, end, connected));
    }
}
