package dev.neurath.testbed.beat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Watches processes from outside, by /proc alone: which of them ran their virtual CPUs when, which died when. It asks no
 * QEMU anything, so it also sees what a QEMU would not tell. Stamps are late by up to the period.
 *
 * <p>Virtual CPUs are told by the name of their thread ({@code CPU 0/TCG}), which QEMU before 11 gives only with
 * {@code -name …,debug-threads=on}; a run is processor time they spent. Reads kernel interfaces proc(5): {@code stat},
 * {@code task/TID/comm}, {@code task/TID/schedstat}.
 */
public final class ProcessWatch implements AutoCloseable {
    // How often a look at all processes is worth it: a new QEMU needs longer than this to start.
    private static final int DISCOVER_EVERY = 8;

    private final long periodNanos;
    private final List<Life> lives = new CopyOnWriteArrayList<>();
    private final List<String> markers = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable IOException failure;

    // Processes whose command line was read after it can change no more, and needs no second look. Own thread only.
    private final Set<String> dismissed = new HashSet<>();

    private ProcessWatch(Duration period) {
        periodNanos = period.toNanos();
        thread = Thread.ofPlatform().daemon().name("process-watch").unstarted(this::look);
    }

    /** Looks every two milliseconds, which costs a few percent of a core for a handful of processes. */
    public static ProcessWatch start() {
        return start(Duration.ofMillis(2));
    }

    public static ProcessWatch start(Duration period) {
        ProcessWatch watch = new ProcessWatch(period);
        watch.thread.start();
        return watch;
    }

    /** Watches one process from now on. */
    public ProcessLife watch(long pid, String label) throws IOException {
        ProcessStat stat = ProcessStat.read(pid);
        return watch(pid, label, stat.startTime());
    }

    /** Watches each process, now or later, whose command line holds the marker: a VM's RAM file, for example. */
    public void follow(String marker) {
        markers.add(marker);
    }

    /** Everything watched so far, in the order it was found. */
    public List<ProcessLife> lives() {
        IOException failed = failure;
        if (failed != null) {
            throw new UncheckedIOException("nothing is watched any more", failed);
        }
        return lives.stream().map(life -> life.seen).toList();
    }

    private ProcessLife watch(long pid, String label, long startTime) {
        for (Life life : lives) {
            if (life.seen.pid() == pid && life.seen.startTime() == startTime) {
                return life.seen;
            }
        }
        Life life = new Life(new ProcessLife(pid, startTime, label));
        lives.add(life);
        return life.seen;
    }

    private void look() {
        for (long round = 0; !closing; round++) {
            long begin = System.nanoTime();
            if (round % DISCOVER_EVERY == 0 && !markers.isEmpty()) {
                try {
                    discover();
                } catch (IOException e) {
                    failure = e;
                    return;
                }
            }
            for (Life life : lives) {
                life.look(round);
            }
            LockSupport.parkNanos(periodNanos - (System.nanoTime() - begin));
        }
    }

    private void discover() throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            Set<String> present = new HashSet<>();
            for (Path process : processes) {
                present.add(process.getFileName().toString());
                discover(process);
            }
            // The number of one that is gone may be used again.
            dismissed.retainAll(present);
        }
    }

    private void discover(Path process) {
        String name = process.getFileName().toString();
        try {
            if (dismissed.contains(name)) {
                return;
            }
            String commandLine = Files.readString(process.resolve("cmdline")).replace('\0', ' ');
            ProcessStat stat = ProcessStat.read(Long.parseLong(name));
            for (String marker : markers) {
                if (commandLine.contains(marker)) {
                    watch(Long.parseLong(name), marker, stat.startTime());
                }
            }
            // A child has its parent's command line until it executes its own: only an old one is dismissed.
            if (stat.age().compareTo(Duration.ofSeconds(5)) > 0) {
                dismissed.add(name);
            }
        } catch (IOException e) {
            // It ended while we looked at it: then there is nothing to watch.
            dismissed.remove(name);
        }
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            // It ends within a period all the same; whoever interrupted us wants us gone now.
            Thread.currentThread().interrupt();
        }
    }

    /** One process under watch; own thread only, but for what it has seen. */
    private static final class Life {
        private final ProcessLife seen;
        private final Map<Path, Long> vcpuNanos = new HashMap<>();
        private final List<Path> others = new ArrayList<>();

        Life(ProcessLife seen) {
            this.seen = seen;
        }

        void look(long round) {
            if (seen.isDead()) {
                return;
            }
            try {
                ProcessStat stat = ProcessStat.read(seen.pid());
                if (stat.startTime() != seen.startTime() || stat.isDead()) {
                    seen.died(System.nanoTime());
                    return;
                }
                findThreads(stat.threads());
                seen.state(stat.state());
                long ran = 0;
                for (Map.Entry<Path, Long> vcpu : vcpuNanos.entrySet()) {
                    long spent = spent(vcpu.getKey());
                    ran += spent - vcpu.getValue();
                    vcpu.setValue(spent);
                }
                seen.ran(ran, round, System.nanoTime());
            } catch (IOException e) {
                // /proc says that a process is gone by failing.
                seen.died(System.nanoTime());
            }
        }

        /** Threads get their names soon after their birth: those without a CPU's name are looked at again. */
        private void findThreads(int count) throws IOException {
            if (vcpuNanos.size() + others.size() == count && !vcpuNanos.isEmpty()) {
                return;
            }
            others.clear();
            try (DirectoryStream<Path> threads =
                    Files.newDirectoryStream(Path.of("/proc", String.valueOf(seen.pid()), "task"))) {
                for (Path found : threads) {
                    Path file = found.resolve("schedstat");
                    if (vcpuNanos.containsKey(file)) {
                        continue;
                    }
                    if (Files.readString(found.resolve("comm")).startsWith("CPU ")) {
                        vcpuNanos.put(file, spent(file));
                    } else {
                        others.add(file);
                    }
                }
            }
        }

        private static long spent(Path schedstat) throws IOException {
            String text = Files.readString(schedstat);
            return Long.parseLong(text.substring(0, text.indexOf(' ')));
        }
    }
}
