package dev.neurath.bench.handover;

import com.sun.management.OperatingSystemMXBean;
import dev.neurath.testbed.beat.BeatLog;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Measures one hand-over from outside. The processor time of a quiet stretch before it is the yardstick for what is spent anyway: by the guest, by the
 * watcher of its beats and by this JVM.
 */
final class Meter {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final double TICK_MILLIS = 10;
    private static final long QUIET_BEATS = 300;
    private static final long BEATS_AFTER = 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final BeatLog beats;
    private final long old;
    private final Set<String> shared;
    private final double idleShare;
    private final double cpuBefore;
    private final BeatLog.Mark begun;
    private final Map<Part, Long> partNanos = new EnumMap<>(Part.class);
    private volatile double oldSpent = -1;
    private volatile long doneWithOld;
    private Part part = Part.BEGIN;
    private long partBegun;

    /**
     * Waits for a quiet stretch, and begins.
     *
     * @param shared beginnings of the names of files that old and new map both: not new's own memory
     */
    static Meter begin(BeatLog beats, long old, Set<String> shared) throws IOException, InterruptedException {
        BeatLog.Mark from = beats.mark();
        double before = leading() + spent(old);
        if (!beats.awaitBeatsAfter(from, QUIET_BEATS, LIMIT)) {
            throw new IOException("the guest does not beat " + QUIET_BEATS + " times within " + LIMIT);
        }
        BeatLog.Mark to = beats.mark();
        double after = leading() + spent(old);
        return new Meter(beats, old, shared, (after - before) / millis(from, to), after, to);
    }

    /** RAM files, and the small memories that old hands over as memfds with aux-ram-share=on. */
    static Set<String> sharedBelow(Path place) {
        return Set.of(place + "/", "/memfd:");
    }

    private Meter(BeatLog beats, long old, Set<String> shared, double idleShare, double cpuBefore, BeatLog.Mark begun) {
        this.beats = beats;
        this.old = old;
        this.shared = shared;
        this.idleShare = idleShare;
        this.cpuBefore = cpuBefore;
        this.begun = begun;
        this.partBegun = begun.nanos();
    }

    /** To be called by whoever leads it, from any thread; the same part may be entered again. */
    synchronized void enters(Part next) {
        if (next != part) {
            enters(next, System.nanoTime());
        }
    }

    private synchronized void enters(Part next, long now) {
        partNanos.merge(part, now - partBegun, Long::sum);
        part = next;
        partBegun = now;
    }

    private synchronized Map<Part, Double> parts(long ended) {
        enters(part, ended);
        var millis = new EnumMap<Part, Double>(Part.class);
        partNanos.forEach((which, nanos) -> millis.put(which, nanos / 1e6));
        return millis;
    }

    /** The guest runs in new, and old, which can still be asked, is needed no more. */
    void oldEnds() throws IOException {
        if (oldSpent < 0) {
            doneWithOld = System.nanoTime();
            oldSpent = spent(old);
        }
    }

    /** Old is gone. */
    HandOverFigures end(Duration pause, long fresh) throws IOException, InterruptedException {
        if (oldSpent < 0) {
            throw new IllegalStateException("nobody asked old before it ended");
        }
        BeatLog.Mark ended = beats.mark();
        double extraCpu = leading() + oldSpent + spent(fresh) - cpuBefore - idleShare * millis(begun, ended);
        if (!beats.awaitBeatsAfter(ended, BEATS_AFTER, LIMIT)) {
            throw new IOException("the guest does not beat after its hand-over");
        }
        double gap = beats.largestGapSince(begun).toNanos() / 1e6;
        if (!beats.troubles().isEmpty()) {
            throw new IOException("the guest is not whole: " + beats.troubles());
        }
        return new HandOverFigures(
                pause.toNanos() / 1e6,
                gap,
                (doneWithOld - begun.nanos()) / 1e6,
                millis(begun, ended),
                parts(ended.nanos()),
                ownMiB(fresh),
                extraCpu);
    }

    private static double millis(BeatLog.Mark from, BeatLog.Mark to) {
        return (to.nanos() - from.nanos()) / 1e6;
    }

    private static double leading() {
        return SYSTEM.getProcessCpuTime() / 1e6;
    }

    /** In milliseconds, counted in ticks of 10: right on average only. */
    private static double spent(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MILLIS;
    }

    private double ownMiB(long pid) throws IOException {
        return privateKiB(Files.readString(Path.of("/proc", Long.toString(pid), "smaps")), shared) / 1024.0;
    }

    /** Of the mappings of other files than these; pages of a file that nobody else maps count as private there. */
    static long privateKiB(String smaps, Set<String> besides) {
        long sum = 0;
        boolean counts = false;
        for (String line : smaps.lines().toList()) {
            String[] words = line.split("\\s+", 6);
            if (!words[0].endsWith(":")) {
                String path = words.length > 5 ? words[5] : "";
                counts = besides.stream().noneMatch(path::startsWith);
            } else if (counts && (words[0].equals("Private_Dirty:") || words[0].equals("Private_Clean:"))) {
                sum += Long.parseLong(words[1]);
            }
        }
        return sum;
    }
}
