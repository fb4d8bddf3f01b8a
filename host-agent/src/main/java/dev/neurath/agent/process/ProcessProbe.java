package dev.neurath.agent.process;

import dev.neurath.agent.os.Linux;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What /proc says about a process right now; source: proc(5).
 *
 * <p>Every answer is one look and may be old when it is returned. Empty answers mean that the process is gone. Nothing is
 * judged here.
 */
public final class ProcessProbe {
    private ProcessProbe() {}

    /** Whether a process is there, and which of its tasks move. */
    public enum Liveness {
        RUNNING,
        /** Every task is stopped by a signal or a tracer. */
        FROZEN,
        DEAD
    }

    /** All tasks of one process with their one-letter states, by task id. */
    public record Tasks(Map<Integer, Character> states) {
        public Set<Integer> ids() {
            return states.keySet();
        }

        /** True when there is at least one stopped task and all others are stopped or zombies. */
        public boolean allStopped() {
            return states.values().stream().anyMatch(s -> s == 'T' || s == 't')
                    && states.values().stream().allMatch(s -> "TtZX".indexOf(s) >= 0);
        }

        boolean allDead() {
            return states.values().stream().allMatch(s -> s == 'Z' || s == 'X');
        }
    }

    /**
     * Who a process acts as.
     *
     * @param effectiveCapabilities CapEff as a bit set
     */
    public record Rights(int uid, int gid, List<Integer> groups, long effectiveCapabilities) {}

    public record Memory(long proportionalBytes, long residentBytes) {}

    public static Liveness liveness(ProcessIdentity identity) throws IOException {
        if (!identity.isPresent()) {
            return Liveness.DEAD;
        }
        Tasks tasks = tasks(identity.pid());
        if (tasks.allDead()) {
            Linux.reap(identity.pid());
            return Liveness.DEAD;
        }
        return tasks.allStopped() ? Liveness.FROZEN : Liveness.RUNNING;
    }

    public static Tasks tasks(int pid) throws IOException {
        Map<Integer, Character> states = new HashMap<>();
        for (int task : taskIds(pid)) {
            ProcStat.state(pid, task).ifPresent(state -> states.put(task, state));
        }
        return new Tasks(Map.copyOf(states));
    }

    /** Empty for a process that is gone. It is listed while a guest stands still, so in the cheapest way that there is. */
    static Set<Integer> taskIds(int pid) throws IOException {
        String[] names = new File("/proc/" + pid + "/task").list();
        if (names == null) {
            if (ProcStat.ofProcess(pid).isPresent()) {
                throw new IOException("the tasks of process " + pid + " cannot be listed");
            }
            return Set.of();
        }
        Set<Integer> ids = HashSet.newHashSet(names.length);
        for (String name : names) {
            ids.add(Integer.valueOf(name));
        }
        return ids;
    }

    public static Optional<Integer> parent(int pid) throws IOException {
        return ProcStat.ofProcess(pid).map(ProcStat::parent);
    }

    /** The file that the kernel runs: the dynamic loader, where one was called explicitly. */
    public static Optional<Path> executable(int pid) throws IOException {
        return link(proc(pid, "exe"));
    }

    public static Optional<Path> workingDirectory(int pid) throws IOException {
        return link(proc(pid, "cwd"));
    }

    /** Empty list for a kernel thread or a zombie. */
    public static Optional<List<String>> commandLine(int pid) throws IOException {
        return ProcStat.readIfPresent(proc(pid, "cmdline")).map(ProcessProbe::zeroSeparated);
    }

    public static Optional<Map<String, String>> environment(int pid) throws IOException {
        Optional<String> text = ProcStat.readIfPresent(proc(pid, "environ"));
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> variables = new LinkedHashMap<>();
        for (String entry : zeroSeparated(text.get())) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                variables.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return Optional.of(variables);
    }

    /** The control group per hierarchy: "" for the unified one, "memory", "name=systemd", … */
    public static Optional<Map<String, String>> controlGroups(int pid) throws IOException {
        return ProcStat.readIfPresent(proc(pid, "cgroup")).map(text -> {
            Map<String, String> groups = new LinkedHashMap<>();
            text.lines().map(line -> line.split(":", 3)).forEach(parts -> groups.put(parts[1], parts[2]));
            return groups;
        });
    }

    public static Optional<Rights> rights(int pid) throws IOException {
        Optional<String> text = ProcStat.readIfPresent(proc(pid, "status"));
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> fields = new LinkedHashMap<>();
        text.get().lines().map(line -> line.split(":", 2)).forEach(parts -> fields.put(parts[0], parts[1].strip()));
        // Real, effective, saved and filesystem ids; the effective one decides.
        return Optional.of(new Rights(
                Integer.parseInt(fields.getOrDefault("Uid", "").split("\\s+")[1]),
                Integer.parseInt(fields.getOrDefault("Gid", "").split("\\s+")[1]),
                Arrays.stream(fields.getOrDefault("Groups", "").split("\\s+"))
                        .filter(group -> !group.isEmpty())
                        .map(Integer::valueOf)
                        .toList(),
                Long.parseUnsignedLong(fields.getOrDefault("CapEff", "0"), 16)));
    }

    /** From smaps_rollup, which walks the page tables: milliseconds for a large guest, never in a pause. */
    public static Optional<Memory> memory(int pid) throws IOException {
        Optional<String> text = ProcStat.readIfPresent(proc(pid, "smaps_rollup"));
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(new Memory(kilobytes(text.get(), "Pss:") * 1024, kilobytes(text.get(), "Rss:") * 1024));
    }

    public static Optional<Duration> processorTime(int pid) throws IOException {
        return ProcStat.ofProcess(pid)
                .map(stat -> Duration.ofNanos(
                        (stat.userTicks() + stat.systemTicks()) * 1_000_000_000L / Linux.clockTicksPerSecond()));
    }

    private static long kilobytes(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
                .sum();
    }

    private static List<String> zeroSeparated(String text) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', start)) {
            parts.add(utf8(text.substring(start, end)));
            start = end + 1;
        }
        if (start < text.length()) {
            parts.add(utf8(text.substring(start)));
        }
        return parts;
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static Optional<Path> link(Path link) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(link));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    static Path proc(int pid, String name) {
        return Path.of("/proc", Integer.toString(pid), name);
    }
}
