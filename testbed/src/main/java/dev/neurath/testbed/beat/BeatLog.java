package dev.neurath.testbed.beat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What one guest has said, with the moment each beat arrived on this machine's monotonic clock. It holds facts only:
 * which gap is too long is for the asker. Safe for many threads; one {@link BeatWatcher} feeds it.
 */
public final class BeatLog {
    // 17 minutes at 1 kHz, in 8 MB; older beats are forgotten, their number is not.
    private static final int KEPT = 1 << 20;
    // Enough to see what is wrong: a guest that fell apart says so a thousand times a second.
    private static final int TROUBLES_KEPT = 100;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private long[] arrivals = new long[1024];
    private int held;
    private long forgotten;
    private long lastNumber = -1;
    private long errorsTold;
    private GuestLine.Status status = new GuestLine.Status(0, 0, 0);
    private final List<String> troubles = new ArrayList<>();

    /**
     * A moment in a guest's life.
     *
     * @param nanos on the clock of {@link System#nanoTime()}
     * @param beats how many had arrived by then
     */
    public record Mark(long nanos, long beats) {}

    BeatLog() {}

    void accept(GuestLine line, long nanos) {
        lock.lock();
        try {
            switch (line) {
                case GuestLine.Beat beat -> {
                    if (lastNumber >= 0 && beat.number() != lastNumber + 1) {
                        trouble("beat %d follows %d".formatted(beat.number(), lastNumber));
                    }
                    if (!beat.sound()) {
                        trouble(beat.text());
                    }
                    lastNumber = beat.number();
                    add(nanos);
                    more.signalAll();
                }
                case GuestLine.Status told -> {
                    // Only the first errors have a line of their own; the count goes on.
                    if (told.errors() > errorsTold) {
                        trouble(told.errors() + " pages found wrong");
                        errorsTold = told.errors();
                    }
                    status = told;
                }
                case GuestLine.Damage damage -> trouble(damage.text());
                case GuestLine.Torn torn -> trouble("torn line: " + torn.text());
                case GuestLine.Talk talk -> {
                    // Nothing follows from it.
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void trouble(String text) {
        lock.lock();
        try {
            if (troubles.size() < TROUBLES_KEPT) {
                troubles.add(text);
            }
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void add(long nanos) {
        if (held == KEPT) {
            System.arraycopy(arrivals, KEPT / 2, arrivals, 0, KEPT / 2);
            held = KEPT / 2;
            forgotten += KEPT / 2;
        } else if (held == arrivals.length) {
            arrivals = Arrays.copyOf(arrivals, Math.min(KEPT, held * 2));
        }
        arrivals[held++] = nanos;
    }

    /** Now, as a point to count and measure from. */
    public Mark mark() {
        lock.lock();
        try {
            return new Mark(System.nanoTime(), forgotten + held);
        } finally {
            lock.unlock();
        }
    }

    /** How many beats have arrived in all. */
    public long beats() {
        return mark().beats();
    }

    public long beatsAfter(Mark mark) {
        return beats() - mark.beats();
    }

    /** The number that the guest gave its latest beat; -1 before the first. */
    public long lastNumber() {
        lock.lock();
        try {
            return lastNumber;
        } finally {
            lock.unlock();
        }
    }

    /** The latest account the beating guest gave of itself; all zero before the first, and for a Linux guest. */
    public GuestLine.Status status() {
        lock.lock();
        try {
            return status;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Everything that must not be: beats that repeat, jump or go back, wrong pages, wrong sums, exceptions, torn lines,
     * a log that was cut. Empty is what a hand-over must leave.
     */
    public List<String> troubles() {
        lock.lock();
        try {
            return List.copyOf(troubles);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The longest silence that lies in the window or reaches into it. Silence up to the window's end counts, so that a
     * guest that never came back is not taken for one without gaps.
     */
    public Duration largestGap(Mark from, Mark to) {
        lock.lock();
        try {
            // The first beat after the window's begin; one exactly on it begins the window and ends nothing in it.
            int found = Arrays.binarySearch(arrivals, 0, held, from.nanos());
            int next = found < 0 ? -found - 1 : found + 1;
            long before = next > 0 ? arrivals[next - 1] : from.nanos();
            long largest = 0;
            for (; next < held && arrivals[next] <= to.nanos(); next++) {
                largest = Math.max(largest, arrivals[next] - before);
                before = arrivals[next];
            }
            // The silence at the end is as long as we know it to be: to the next beat, or to the end if none came.
            long after = next < held && before < to.nanos() ? arrivals[next] : to.nanos();
            return Duration.ofNanos(Math.max(largest, after - before));
        } finally {
            lock.unlock();
        }
    }

    public Duration largestGapSince(Mark from) {
        return largestGap(from, mark());
    }

    /** Waits until so many beats have come since the mark; false if the limit passes first. */
    public boolean awaitBeatsAfter(Mark mark, long count, Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (forgotten + held - mark.beats() < count) {
                if (left <= 0) {
                    return false;
                }
                left = more.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
