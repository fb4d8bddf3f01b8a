package dev.neurath.persistence.database;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Waits longer after each failure, with jitter so that nodes do not come back in step.
 *
 * <p>Starts at 10 ms, since most interruptions are one broken connection, and stops growing at one second, so that service
 * resumes within a second of the database's return.
 */
public final class Backoff {
    private static final long FIRST_MILLIS = 10;
    private static final long LONGEST_MILLIS = 1000;

    private final long deadlineNanos;
    private final long startNanos = System.nanoTime();
    private long nextMillis = FIRST_MILLIS;

    public Backoff(Duration patience) {
        this.deadlineNanos = startNanos + patience.toNanos();
    }

    /** Waits and returns true, or returns false at once when patience would run out during the wait. */
    public boolean await() throws InterruptedException {
        long millis = nextMillis / 2 + ThreadLocalRandom.current().nextLong(nextMillis / 2 + 1);
        nextMillis = Math.min(LONGEST_MILLIS, nextMillis * 2);
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(millis)));
        return true;
    }

    public Duration waited() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }
}
