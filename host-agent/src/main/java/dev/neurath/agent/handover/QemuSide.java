package dev.neurath.agent.handover;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessProbe;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpEvent;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.agent.qmp.QmpListener;
import dev.neurath.agent.qmp.QmpOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One QEMU process with its control connection, and what was seen on it.
 *
 * <p>A signal reaches this very process or nobody. What was seen (STOP, RESUME, SHUTDOWN, RESET …) is counted from the first connection on; between two
 * {@link #connections} something may have been missed.
 */
public final class QemuSide implements AutoCloseable {
    /** QEMU answers queries in well below a millisecond unless its main loop hangs; then it is MUTE, and asked again. */
    static final Duration QUERY_LIMIT = Duration.ofSeconds(2);

    private static final Duration CONNECT_PACE = Duration.ofSeconds(2);

    /** @param migration "none" if there never was one */
    public record Words(String runState, String migration, String error) {}

    private final ProcessIdentity identity;
    private final Path control;
    private final QmpConnector connector;
    private final @Nullable PidFd pidFd;
    private final int listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Waiter> waiters = new CopyOnWriteArrayList<>();

    private final Seen seen = new Seen();
    private @Nullable QmpConnection connection;
    private long connections;

    /** What the control connections told by themselves; guarded by the lock. */
    private static final class Seen {
        private long stops;
        private long resumes;
        private long shutdowns;
        private long changes;
        private long upsets;
        private boolean standing;
        private @Nullable QmpEvent stop;
        private @Nullable QmpEvent resume;
        private String migration = "none";
    }

    private QemuSide(
            ProcessIdentity identity, Path control, QmpConnector connector, @Nullable PidFd pidFd, int listener) {
        this.identity = identity;
        this.control = control;
        this.connector = connector;
        this.pidFd = pidFd;
        this.listener = listener;
    }

    /** The process may be dead already; then nothing of it can be asked, and a signal reaches nobody. */
    public static QemuSide of(ProcessIdentity identity, Path control, QmpConnector connector) throws IOException {
        return of(identity, control, connector, identity.pid());
    }

    /** @param listener who has bound the control socket; of a real QEMU it is itself */
    static QemuSide of(ProcessIdentity identity, Path control, QmpConnector connector, int listener)
            throws IOException {
        return new QemuSide(identity, control, connector, PidFd.open(identity).orElse(null), listener);
    }

    public ProcessIdentity identity() {
        return identity;
    }

    public Optional<PidFd> pidFd() {
        return Optional.ofNullable(pidFd);
    }

    public Path control() {
        return control;
    }

    public boolean alive() throws IOException {
        return pidFd != null && !pidFd.exited();
    }

    public boolean frozen() throws IOException {
        return alive() && ProcessProbe.liveness(identity) == ProcessProbe.Liveness.FROZEN;
    }

    /** Connects within {@code limit} if it is not connected. */
    public QmpConnection connect(Duration limit) throws IOException, InterruptedException {
        QmpConnection live = live();
        if (live != null) {
            return live;
        }
        var options = QmpOptions.DEFAULT.withConnect(limit).withGreeting(limit);
        CompletableFuture<QmpConnection> connecting = connector.connect(control, options, new Listener());
        QmpConnection fresh;
        try {
            fresh = await(connecting, limit.multipliedBy(2));
        } catch (IOException | InterruptedException e) {
            giveUp(connecting);
            throw e;
        }
        // Whoever bound the path may not be who is meant: what another process says is no evidence of this one.
        if (fresh.peer().pid() != listener) {
            fresh.close();
            throw new IOException("process " + fresh.peer().pid() + " answers at " + control + " and not " + listener);
        }
        lock.lock();
        try {
            connection = fresh;
            connections++;
        } finally {
            lock.unlock();
        }
        return fresh;
    }

    /** A connection that nobody waits for any more would keep everybody else from QEMU's only control monitor. */
    private static void giveUp(CompletableFuture<QmpConnection> connecting) {
        if (!connecting.cancel(false) && !connecting.isCompletedExceptionally()) {
            connecting.join().close();
        }
    }

    /** Gives the monitor back to whoever else wants it; what is said on it from now on is not heard. */
    public void release() {
        QmpConnection live = live();
        if (live != null) {
            live.close();
        }
    }

    /** Looks between tries whether it lives: one that has ended is not waited for. */
    public QmpConnection connectWhileAlive(Duration limit) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return connect(CONNECT_PACE);
            } catch (QmpFailure e) {
                if (!alive() || System.nanoTime() - end >= 0) {
                    throw e;
                }
            }
        }
    }

    private @Nullable QmpConnection live() {
        lock.lock();
        try {
            return connection != null && connection.unbroken() ? connection : null;
        } finally {
            lock.unlock();
        }
    }

    /** @return true if the last connection stands: nothing was missed since it was made */
    public boolean unbroken() {
        return live() != null;
    }

    /** Grows with every connection: between two of them events may be missing. */
    long connections() {
        lock.lock();
        try {
            return connections;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything that it had sent by now is counted here. @return false if there is no connection or it takes longer than {@code limit} */
    boolean hearOut(Duration limit) throws InterruptedException {
        QmpConnection last = last();
        if (last == null) {
            return false;
        }
        try {
            if (!last.heardByNow()) {
                await(last.heard(), limit);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** @return true if it ended the last connection itself, and what it had sent before was read */
    boolean heardToItsEnd() {
        QmpConnection last = last();
        return last != null && last.readToTheEnd();
    }

    private @Nullable QmpConnection last() {
        lock.lock();
        try {
            return connection;
        } finally {
            lock.unlock();
        }
    }

    public JsonNode execute(String command, Map<String, ?> arguments) throws IOException, InterruptedException {
        return execute(command, arguments, QUERY_LIMIT);
    }

    public JsonNode execute(String command, Map<String, ?> arguments, Duration limit)
            throws IOException, InterruptedException {
        return await(connect(limit).execute(command, arguments, limit), limit.multipliedBy(2));
    }

    /** @return empty if it does not answer in time */
    public Optional<Words> ask(Duration limit) throws InterruptedException {
        return asking(limit).answer();
    }

    /** A question that was sent; more sides can be asked before the answer is waited for. */
    interface Asked {
        /** @return empty if it does not answer in time */
        Optional<Words> answer() throws InterruptedException;
    }

    /** Both questions leave at once: in a pause each round trip counts. */
    Asked asking(Duration limit) throws InterruptedException {
        QmpConnection connection;
        try {
            connection = connect(limit);
        } catch (IOException e) {
            return Optional::empty;
        }
        CompletableFuture<JsonNode> status = connection.execute("query-status", Map.of(), limit);
        CompletableFuture<JsonNode> migration = connection.execute("query-migrate", Map.of(), limit);
        return () -> {
            try {
                return Optional.of(
                        words(await(status, limit.multipliedBy(2)), await(migration, limit.multipliedBy(2))));
            } catch (IOException e) {
                return Optional.empty();
            }
        };
    }

    private static Words words(JsonNode status, JsonNode migration) {
        return new Words(
                status.path("status").asText(),
                migration.path("status").asText("none"),
                migration.path("error-desc").asText(""));
    }

    /** How long to wait for a look: one that was mute is asked again soon, so that what unblocks it is not kept waiting. */
    Duration patience() {
        QmpConnection live = live();
        return live != null && live.mute() ? Duration.ofMillis(100) : Duration.ofMillis(800);
    }

    public long stops() {
        return read(s -> s.stops);
    }

    public long resumes() {
        return read(s -> s.resumes);
    }

    public boolean shutdownSeen() {
        return shutdowns() > 0;
    }

    long shutdowns() {
        return read(s -> s.shutdowns);
    }

    /** Grows with everything that makes an earlier check worthless: STOP, RESET, SHUTDOWN, a device that left, a block job. */
    public long changes() {
        return read(s -> s.changes);
    }

    /**
     * Grows with everything that {@link #changes} counts, but for STOP, which a hand-over itself brings about. Of a guest that stands still only RESET and
     * SHUTDOWN count: a job's or a device's last word does not touch the state that was sent.
     */
    public long upsets() {
        return read(s -> s.upsets);
    }

    /** Seen stopped, though STOP was told to somebody else. */
    void standsStill() {
        lock.lock();
        try {
            seen.standing = true;
        } finally {
            lock.unlock();
        }
    }

    Optional<QmpEvent> lastStop() {
        lock.lock();
        try {
            return Optional.ofNullable(seen.stop);
        } finally {
            lock.unlock();
        }
    }

    Optional<QmpEvent> lastResume() {
        lock.lock();
        try {
            return Optional.ofNullable(seen.resume);
        } finally {
            lock.unlock();
        }
    }

    /** The last MIGRATION event's status. */
    public String migration() {
        lock.lock();
        try {
            return seen.migration;
        } finally {
            lock.unlock();
        }
    }

    /** A migration that ended before is not taken for the one to come. */
    public void forgetMigration() {
        lock.lock();
        try {
            seen.migration = "none";
        } finally {
            lock.unlock();
        }
    }

    private long read(java.util.function.ToLongFunction<Seen> what) {
        lock.lock();
        try {
            return what.applyAsLong(seen);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for an event or the end of the connection after which {@code condition} holds. */
    public boolean awaitNews(BooleanSupplier condition, Duration limit) throws InterruptedException {
        return awaitNews(List.of(this), condition, limit);
    }

    /**
     * Waits for an event of any of them, or its connection's end, after which {@code condition} holds. That is looked at on the reading thread, so it asks nobody
     * and waits for nothing; whoever waits is not woken before: what happens in between may be the transfer that needs the processor.
     */
    static boolean awaitNews(List<QemuSide> sides, BooleanSupplier condition, Duration limit)
            throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        var waiter = new Waiter(Thread.currentThread(), condition);
        // Before the first look: what comes after it finds somebody to wake.
        sides.forEach(side -> side.waiters.add(waiter));
        try {
            while (!condition.getAsBoolean()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                LockSupport.parkNanos(left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            return true;
        } finally {
            sides.forEach(side -> side.waiters.remove(waiter));
        }
    }

    private record Waiter(Thread thread, BooleanSupplier condition) {}

    private void wake() {
        for (Waiter waiter : waiters) {
            if (waiter.condition().getAsBoolean()) {
                LockSupport.unpark(waiter.thread());
            }
        }
    }

    @Override
    public void close() throws IOException {
        QmpConnection live = live();
        if (live != null) {
            live.close();
        }
        if (pidFd != null) {
            pidFd.close();
        }
    }

    static <T> T await(CompletableFuture<T> answer, Duration limit) throws IOException, InterruptedException {
        try {
            return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + limit, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof QmpFailure failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        }
    }

    private final class Listener implements QmpListener {
        @Override
        public boolean prompt() {
            return true;
        }

        @Override
        public void event(QmpEvent event) {
            lock.lock();
            try {
                switch (event.name()) {
                    case "STOP" -> {
                        seen.stops++;
                        seen.changes++;
                        seen.standing = true;
                        seen.stop = event;
                    }
                    case "RESUME" -> {
                        seen.resumes++;
                        seen.standing = false;
                        seen.resume = event;
                    }
                    case "SHUTDOWN" -> {
                        seen.shutdowns++;
                        seen.changes++;
                        seen.upsets++;
                    }
                    case "RESET" -> {
                        seen.changes++;
                        seen.upsets++;
                    }
                    case "DEVICE_DELETED", "BLOCK_JOB_COMPLETED", "JOB_STATUS_CHANGE", "GUEST_PANICKED", "SUSPEND" -> {
                        seen.changes++;
                        seen.upsets += seen.standing ? 0 : 1;
                    }
                    case "MIGRATION" ->
                        seen.migration = event.data().path("status").asText();
                    default -> {}
                }
            } finally {
                lock.unlock();
            }
            wake();
        }

        @Override
        public void ended(QmpFailure why) {
            wake();
        }
    }
}
