package dev.neurath.agent.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.os.Linux;
import dev.neurath.agent.qmp.QmpFailure.Reason;
import dev.neurath.agent.qmp.QmpFailure.Sent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import jnr.unixsocket.Credentials;
import jnr.unixsocket.UnixSocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One negotiated QMP session with one QEMU.
 *
 * <p>Replies and events arrive in QEMU's order. A status counts as evidence only from a connection greeted after the previous
 * controller's end, and "no RESUME was seen" only while the connection has been unbroken: both can be asked here. Nothing is
 * repeated or reconnected: that is a decision for whoever knows what the command does.
 */
public final class QmpConnection implements QmpLoop.Ready, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QmpConnection.class);
    private static final int READ_BYTES = 64 << 10;
    /** More than a socket holds: what a peer sends that does not stop sending is not waited for. */
    private static final int LONGEST_READING_OUT_BYTES = 4 << 20;

    /** A QEMU that ended with a command unread. Linux says so only after everything has been read that the peer had sent. */
    private static final String PEER_GONE = "Connection reset by peer";

    private final QmpLoop loop;
    private final UnixSocketChannel channel;
    private final Path path;
    private final QmpOptions options;
    private final QmpListener listener;
    private final CompletableFuture<QmpConnection> connected;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final PeerCredentials peer;
    private final LineBuffer lines;
    private final QmpInbox inbox;
    private final ByteBuffer chunk = ByteBuffer.allocate(READ_BYTES);
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, Long> eventCounts = new ConcurrentHashMap<>();
    private final Object lock = new Object();
    private final QmpOutbox outbox = new QmpOutbox();
    private @Nullable SelectionKey key;
    private long events;
    private volatile @Nullable QmpFailure end;
    private volatile boolean greeted;
    private volatile boolean outOfBand;
    private volatile boolean mute;
    private volatile boolean readToTheEnd;
    /** Something may have been read that the listener was not told of yet. */
    private volatile boolean reading;

    QmpConnection(
            QmpLoop loop,
            UnixSocketChannel channel,
            Path path,
            QmpOptions options,
            QmpListener listener,
            CompletableFuture<QmpConnection> connected)
            throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.path = path;
        this.options = options;
        this.listener = listener;
        this.connected = connected;
        this.lines = new LineBuffer(options.lineBytes());
        this.inbox = new QmpInbox(options.backlog());
        Credentials credentials = channel.socket().getCredentials();
        this.peer = new PeerCredentials(credentials.getPid(), credentials.getUid(), credentials.getGid());
    }

    // What becomes of it is told by "connected" itself.
    @SuppressWarnings("FutureReturnValueIgnored")
    void start() {
        connected.whenComplete((connection, failure) -> {
            if (connected.isCancelled()) {
                close();
            }
        });
        onLoop(() -> {
            try {
                key = channel.register(loop.selector(), SelectionKey.OP_READ, this);
            } catch (IOException e) {
                fail(Reason.CLOSED, "cannot be watched: " + e.getMessage());
            }
        });
        loop.later(options.greetingWithin().toNanos(), () -> {
            if (!greeted) {
                onLoop(() -> fail(Reason.MONITOR_BUSY, "no greeting within " + options.greetingWithin()));
            }
        });
    }

    /** QEMU's answer, or a {@link QmpFailure}; after the time limit the command may still take effect if it was sent. */
    public CompletableFuture<JsonNode> execute(String command, Map<String, ?> arguments, Duration limit) {
        return submit(command, arguments, limit, false, QmpCall.NO_FD);
    }

    /** Runs beside a command that hangs; only a few commands can, and only where the QEMU offered it. */
    public CompletableFuture<JsonNode> executeOutOfBand(String command, Map<String, ?> arguments, Duration limit) {
        return outOfBand
                ? submit(command, arguments, limit, true, QmpCall.NO_FD)
                : CompletableFuture.failedFuture(new QmpFailure(
                        Reason.REFUSED, Sent.NOT_SENT, command + ": this QEMU offers no out-of-band commands"));
    }

    /** Passes a descriptor of ours along, for getfd and add-fd; it may be closed here once the answer has come. */
    public CompletableFuture<JsonNode> executeWithFd(
            String command, Map<String, ?> arguments, int passedFd, Duration limit) {
        return submit(command, arguments, limit, false, passedFd);
    }

    /** True while nothing has interrupted this session: what has not been seen on it has not happened. */
    public boolean unbroken() {
        return end == null;
    }

    public Optional<QmpFailure> end() {
        return Optional.ofNullable(end);
    }

    /** An answer was missed and none has come since. */
    public boolean mute() {
        return mute;
    }

    public boolean outOfBand() {
        return outOfBand;
    }

    public PeerCredentials peer() {
        return peer;
    }

    public Path path() {
        return path;
    }

    /** How many events of this name were received since the greeting, counted before the listener is told. */
    public long seen(String event) {
        return eventCounts.getOrDefault(event, 0L);
    }

    /**
     * Completes when the listener has been given everything that QEMU had sent before this call: what lies in the socket is read, and what was read is handed
     * over. Asks QEMU nothing, so it is also for one that is frozen or dead.
     */
    // The outcome is handed on by "heard".
    @SuppressWarnings("FutureReturnValueIgnored")
    public CompletableFuture<Void> heard() {
        CompletableFuture<Void> heard = new CompletableFuture<>();
        onLoop(() -> {
            int left = LONGEST_READING_OUT_BYTES;
            for (int count = 1; end == null && count > 0 && left > 0; left -= count) {
                count = readSome();
            }
            if (end != null) {
                over.thenRun(() -> heard.complete(null));
            } else if (left > 0) {
                tell(() -> heard.complete(null));
            } else {
                heard.completeExceptionally(
                        new QmpFailure(Reason.BACKLOG, Sent.NOT_SENT, "QEMU does not stop sending on " + path));
            }
        });
        return heard;
    }

    /**
     * Whether the listener, if it is prompt, has been given everything that QEMU had sent before this call, and QEMU has not ended the connection: a look at the
     * socket, without waking the reading thread. "False" only means that nobody knows; {@link #heard} finds out.
     */
    public boolean heardByNow() {
        // In this order: what is not in the socket any more was taken out by a reading that had begun before.
        return listener.prompt() && Linux.nothingToRead(channel.getFD()) && !reading && end == null;
    }

    /** It ended with QEMU's own end of it, and all that had been sent until then was handed to the listener or waits there. */
    public boolean readToTheEnd() {
        return readToTheEnd;
    }

    @Override
    public void close() {
        onLoop(() -> fail(Reason.CLOSED, "closed here"));
    }

    private CompletableFuture<JsonNode> submit(
            String command, Map<String, ?> arguments, Duration limit, boolean asOutOfBand, int passedFd) {
        String id = "n" + ids.incrementAndGet();
        QmpCall call = new QmpCall(
                id, command, QmpMessage.command(id, command, arguments, asOutOfBand), asOutOfBand, passedFd);
        synchronized (lock) {
            QmpFailure over = end;
            if (over != null) {
                return CompletableFuture.failedFuture(
                        new QmpFailure(over.reason(), Sent.NOT_SENT, command + " was not sent: " + over.getMessage()));
            }
            outbox.add(call);
        }
        // Written by the caller where the socket has room: in a pause every change of threads counts, so the thread
        // that keeps the limit is woken later.
        write();
        synchronized (lock) {
            if (!call.settled) {
                call.limit = loop.after(limit.toNanos(), () -> expire(call, limit));
            }
        }
        return call.answer;
    }

    private void write() {
        try {
            boolean full;
            synchronized (lock) {
                if (end != null) {
                    return;
                }
                full = outbox.write(channel);
            }
            if (full) {
                onLoop(() -> interest(SelectionKey.OP_READ | SelectionKey.OP_WRITE));
            }
        } catch (IOException e) {
            onLoop(() -> writingFailed(e));
        }
    }

    /** A QEMU that has gone may have said something before: that is read first. */
    private void writingFailed(IOException cause) {
        int left = LONGEST_READING_OUT_BYTES;
        for (int count = 1; end == null && count > 0 && left > 0; left -= count) {
            count = readSome();
        }
        fail(Reason.CLOSED, "writing failed: " + cause.getMessage());
    }

    private void expire(QmpCall call, Duration limit) {
        Sent sent;
        synchronized (lock) {
            if (call.settled) {
                return;
            }
            sent = outbox.withdraw(call) ? Sent.NOT_SENT : Sent.MAYBE_SENT;
            call.expired = true;
            mute = true;
        }
        QmpFailure failure = new QmpFailure(Reason.TIMED_OUT, sent, call.command + " was not answered within " + limit);
        if (!inbox.offer(() -> call.answer.completeExceptionally(failure))) {
            call.answer.completeExceptionally(failure);
        }
    }

    @Override
    public void ready(SelectionKey ready) {
        if (end != null) {
            return;
        }
        if (ready.isWritable()) {
            interest(SelectionKey.OP_READ);
            write();
        }
        // One chunk per turn, so that a flood from one QEMU cannot starve the others.
        readSome();
    }

    /** @return how many bytes; 0 if there is nothing now, or nothing any more */
    private int readSome() {
        reading = true;
        int count = readChunk();
        // Not if that throws: then something was read that nobody was told of.
        reading = false;
        return count;
    }

    private int readChunk() {
        try {
            chunk.clear();
            int count = channel.read(chunk);
            if (count < 0) {
                ended("QEMU closed it");
            } else if (count > 0) {
                chunk.flip();
                if (!lines.append(chunk, this::line)) {
                    fail(Reason.LINE_TOO_LONG, "a line exceeds " + options.lineBytes() + " bytes");
                }
            }
            return Math.max(0, count);
        } catch (IOException e) {
            String why = "reading failed: " + e.getMessage();
            if (PEER_GONE.equals(e.getMessage())) {
                ended(why);
            } else {
                fail(Reason.CLOSED, why);
            }
            return 0;
        }
    }

    private void ended(String why) {
        readToTheEnd = true;
        fail(Reason.CLOSED, why);
    }

    /** What fails there fails this connection only. */
    private void onLoop(Runnable task) {
        loop.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                failed(e);
            }
        });
    }

    @Override
    public void failed(RuntimeException why) {
        LOG.error("The QMP connection to {} is given up", path, why);
        fail(Reason.CLOSED, "the agent failed to read it: " + why);
    }

    @Override
    public void loopEnded() {
        fail(Reason.CLOSED, "the agent stopped serving QMP");
    }

    private void interest(int operations) {
        SelectionKey registered = key;
        if (registered != null && registered.isValid()) {
            registered.interestOps(operations);
        }
    }

    private void line(byte[] bytes) {
        if (end != null || isBlank(bytes)) {
            return;
        }
        long now = System.nanoTime();
        QmpMessage message = QmpMessage.parse(bytes).orElse(null);
        if (message instanceof QmpMessage.Greeting greeting && !greeted) {
            negotiate(greeting);
        } else if (message instanceof QmpMessage.Event event && greeted) {
            eventCounts.merge(event.name(), 1L, Long::sum);
            QmpEvent numbered = new QmpEvent(++events, event.name(), event.data(), now, event.emitted());
            tell(() -> listener.event(numbered));
        } else if (message instanceof QmpMessage.Reply reply && greeted) {
            answer(reply.id(), call -> call.answer.complete(reply.value()));
        } else if (message instanceof QmpMessage.Refusal refusal && greeted) {
            answer(
                    refusal.id(),
                    call -> call.answer.completeExceptionally(
                            new QmpFailure.Refused(call.command, refusal.errorClass(), refusal.description())));
        } else {
            fail(Reason.GARBAGE, "what came is not QMP: " + excerpt(bytes));
        }
    }

    private void answer(String id, java.util.function.Consumer<QmpCall> completion) {
        QmpCall call;
        boolean expired;
        synchronized (lock) {
            call = outbox.answered(id);
            expired = call != null && call.expired;
            if (call != null) {
                call.settle();
                mute = false;
            }
        }
        if (call == null) {
            fail(Reason.GARBAGE, "an answer to a command that was never sent: " + id);
            return;
        }
        if (!expired) {
            deliver(() -> completion.accept(call));
        }
        write();
    }

    // The outcome is handed on by "connected".
    @SuppressWarnings("FutureReturnValueIgnored")
    private void negotiate(QmpMessage.Greeting greeting) {
        greeted = true;
        Map<String, ?> enable = greeting.outOfBand() ? Map.of("enable", java.util.List.of("oob")) : Map.of();
        execute("qmp_capabilities", enable, options.greetingWithin()).whenComplete((ok, failure) -> {
            if (failure != null) {
                connected.completeExceptionally(failure);
                close();
                return;
            }
            outOfBand = greeting.outOfBand();
            if (!connected.complete(this)) {
                close();
            }
        });
    }

    /** What the listener is told, in its order. */
    private void tell(Runnable delivery) {
        if (listener.prompt()) {
            delivery.run();
        } else {
            deliver(delivery);
        }
    }

    private void deliver(Runnable delivery) {
        if (!inbox.offer(delivery)) {
            fail(Reason.BACKLOG, "more than " + options.backlog() + " replies and events wait for the listener");
        }
    }

    private void fail(Reason reason, String why) {
        QmpFailure failure = new QmpFailure(reason, Sent.NOT_SENT, "QMP connection to " + path + " ended: " + why);
        java.util.List<QmpCall> orphans;
        synchronized (lock) {
            if (end != null) {
                return;
            }
            end = failure;
            orphans = outbox.removeAll();
            orphans.forEach(QmpCall::settle);
        }
        try {
            channel.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        inbox.finish(() -> {
            for (QmpCall call : orphans) {
                call.answer.completeExceptionally(
                        new QmpFailure(reason, call.sent(), call.command + " has no answer: " + failure.getMessage()));
            }
            connected.completeExceptionally(failure);
            listener.ended(failure);
            over.complete(null);
        });
    }

    private static boolean isBlank(byte[] bytes) {
        return bytes.length == 0 || (bytes.length == 1 && bytes[0] == '\r');
    }

    private static String excerpt(byte[] bytes) {
        String text = new String(bytes, 0, Math.min(bytes.length, 80), java.nio.charset.StandardCharsets.US_ASCII);
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
