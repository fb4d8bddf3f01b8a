package dev.neurath.testbed.beat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * One process as seen from outside: when its virtual CPUs spent processor time and when it died, on the clock of
 * {@link System#nanoTime()}. Named by pid and start time, since pids are used again.
 */
public final class ProcessLife {
    // What a virtual CPU's thread spends on being told to stop, or on looking whether it may run: 5 to 25 us measured.
    private static final long KICK_NANOS = 40_000;
    // A guest sleeps between two beats: looks this near to each other are told as one run.
    private static final long SAME_RUN_NANOS = 30_000_000;
    // Enough looks for two guests at 100 Hz to show in the same window, whatever their phases.
    private static final int WINDOW_ROUNDS = 8;
    // A new QEMU's virtual CPUs spend 0.2 to 1 ms on being created, reset and loaded, while the old one still runs; on
    // a
    // busy machine up to 2.4 ms were seen.
    private static final Duration HOUSEKEEPING = Duration.ofMillis(5);
    // 17 minutes of a guest that is never idle, in 16 MB; older looks are forgotten.
    private static final int KEPT = 1 << 19;

    private final long pid;
    private final long startTime;
    private final String label;
    private Look[] looks = new Look[64];
    private int held;
    private long death;
    private boolean dead;
    private boolean frozen;

    /** A look at a process that had spent time since the look before. All processes are looked at in each round. */
    private record Look(long round, long nanos, long spent) {}

    /**
     * A stretch of time in which virtual CPUs spent processor time, now and then.
     *
     * @param spent the time spent in it: far below a millisecond, it was housekeeping and no guest ran
     */
    public record Run(long fromNanos, long toNanos, Duration spent) {}

    ProcessLife(long pid, long startTime, String label) {
        this.pid = pid;
        this.startTime = startTime;
        this.label = label;
    }

    synchronized void ran(long spentNanos, long round, long now) {
        if (spentNanos < KICK_NANOS) {
            return;
        }
        if (held == KEPT) {
            System.arraycopy(looks, KEPT / 2, looks, 0, KEPT / 2);
            held = KEPT / 2;
        } else if (held == looks.length) {
            looks = Arrays.copyOf(looks, Math.min(KEPT, held * 2));
        }
        looks[held++] = new Look(round, now, spentNanos);
    }

    synchronized void state(char state) {
        frozen |= state == 'T';
    }

    synchronized void died(long now) {
        death = now;
        dead = true;
    }

    public long pid() {
        return pid;
    }

    /** In clock ticks since boot, as /proc has it. */
    public long startTime() {
        return startTime;
    }

    public String label() {
        return label;
    }

    public synchronized boolean isDead() {
        return dead;
    }

    /** When it was first seen to be gone. */
    public synchronized OptionalLong deathNanos() {
        return dead ? OptionalLong.of(death) : OptionalLong.empty();
    }

    /** Whether it was ever seen stopped by a signal. */
    public synchronized boolean wasFrozen() {
        return frozen;
    }

    public List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        for (Look look : looks()) {
            Run last = runs.isEmpty() ? null : runs.getLast();
            if (last != null && look.nanos() - last.toNanos() < SAME_RUN_NANOS) {
                runs.set(
                        runs.size() - 1,
                        new Run(last.fromNanos(), look.nanos(), last.spent().plusNanos(look.spent())));
            } else {
                runs.add(new Run(look.nanos(), look.nanos(), Duration.ofNanos(look.spent())));
            }
        }
        return runs;
    }

    /**
     * Whether both ran a guest at the same time, which two QEMUs of one VM must never do. By their share of a core (9 and
     * 1 %) two guests must run together for some 60 ms at 1 kHz, 600 ms at 100 Hz, to be told from housekeeping; shorter
     * ones are left to the guest's own log.
     */
    public boolean ranTogetherWith(ProcessLife other) {
        return spentTogetherWith(other).compareTo(HOUSEKEEPING) > 0;
    }

    /**
     * The processor time that both spent side by side: per window of a few looks that of the lesser, where neither
     * ended before the other began.
     */
    public Duration spentTogetherWith(ProcessLife other) {
        Look[] mine = looks();
        Look[] theirs = other.looks();
        long together = 0;
        int i = 0;
        int j = 0;
        while (i < mine.length && j < theirs.length) {
            long window = Math.max(mine[i].round(), theirs[j].round()) / WINDOW_ROUNDS;
            i = skip(mine, i, window);
            j = skip(theirs, j, window);
            int myEnd = skip(mine, i, window + 1);
            int theirEnd = skip(theirs, j, window + 1);
            if (myEnd > i
                    && theirEnd > j
                    && mine[myEnd - 1].round() >= theirs[j].round()
                    && theirs[theirEnd - 1].round() >= mine[i].round()) {
                together += Math.min(spent(mine, i, myEnd), spent(theirs, j, theirEnd));
            }
            i = myEnd;
            j = theirEnd;
        }
        return Duration.ofNanos(together);
    }

    private static int skip(Look[] looks, int from, long window) {
        int at = from;
        while (at < looks.length && looks[at].round() / WINDOW_ROUNDS < window) {
            at++;
        }
        return at;
    }

    private static long spent(Look[] looks, int from, int to) {
        long spent = 0;
        for (int i = from; i < to; i++) {
            spent += looks[i].spent();
        }
        return spent;
    }

    private synchronized Look[] looks() {
        return Arrays.copyOf(looks, held);
    }
}
