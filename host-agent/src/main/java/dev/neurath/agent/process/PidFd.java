package dev.neurath.agent.process;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.os.OsFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A handle on exactly one process, whatever happens to its pid.
 *
 * <p>Invariant: the identity was seen again after the handle had been opened, so a signal through it reaches that process or
 * nobody. After its end it is an error and never another file's number: the descriptor is closed once, when the last use of
 * it is over.
 */
public final class PidFd implements AutoCloseable {
    private final int fd;
    private final ProcessIdentity identity;
    private int uses;
    private boolean closed;

    private PidFd(int fd, ProcessIdentity identity) {
        this.fd = fd;
        this.identity = identity;
    }

    /** Empty when the process is gone, belongs to another boot, or the pid names another process by now. */
    public static Optional<PidFd> open(ProcessIdentity identity) throws IOException {
        if (!identity.ofThisBoot()) {
            return Optional.empty();
        }
        int fd;
        try {
            fd = Linux.pidfdOpen(identity.pid());
        } catch (OsFailure e) {
            if (e.errno() == OsFailure.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
        if (identity.isPresent()) {
            return Optional.of(new PidFd(fd, identity));
        }
        Linux.close(fd);
        return Optional.empty();
    }

    public ProcessIdentity identity() {
        return identity;
    }

    /** False when the process was dead already. */
    public boolean signal(int signal) throws IOException {
        use();
        try {
            Linux.pidfdSignal(fd, signal);
            return true;
        } catch (OsFailure e) {
            if (e.errno() == OsFailure.ESRCH) {
                return false;
            }
            throw e;
        } finally {
            used();
        }
    }

    /** Whether all threads have ended; a zombie counts as ended, and is reaped when it is our child. */
    public boolean exited() throws IOException {
        return awaitExit(Duration.ZERO);
    }

    /** Blocks the thread until the process has ended; false when it has not within the limit. */
    public boolean awaitExit(Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            long left = Math.max(0, end - System.nanoTime());
            int millis = (int) Math.min(Integer.MAX_VALUE, (left + 999_999) / 1_000_000);
            if (readable(millis)) {
                Linux.reap(identity.pid());
                return true;
            }
            if (left == 0) {
                return false;
            }
        }
    }

    private boolean readable(int millis) throws IOException {
        use();
        try {
            return Linux.pollReadable(new int[] {fd}, millis)[0];
        } finally {
            used();
        }
    }

    private synchronized void use() throws IOException {
        if (closed) {
            throw new IOException("the handle on process " + identity.pid() + " is closed");
        }
        uses++;
    }

    private synchronized void used() throws IOException {
        uses--;
        closeIfUnused();
    }

    private void closeIfUnused() throws IOException {
        if (closed && uses == 0) {
            Linux.close(fd);
        }
    }

    /** May be repeated. */
    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            closeIfUnused();
        }
    }
}
