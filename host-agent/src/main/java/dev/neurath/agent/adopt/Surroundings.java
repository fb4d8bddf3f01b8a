package dev.neurath.agent.adopt;

import dev.neurath.agent.process.ProcessProbe;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The conditions under which the kernel lets a process live, as text by name: whose it is, what it may, what it may use. A guest that changes its QEMU keeps
 * them: {@link #differs} says what another one lacks, and {@link StartWords} what to start one with. Source: proc(5).
 */
public record Surroundings(Map<String, String> facts) {
    private static final Path GROUPS = Path.of("/sys/fs/cgroup");
    static final String LIMIT = "limit ";
    static final String NAMESPACE = "namespace ";
    static final String CAPABILITIES = "capabilities ";
    private static final String GROUP = "control group ";

    /** Names in /proc/PID/limits to options of prlimit(1). */
    private static final Map<String, String> LIMITS = Map.ofEntries(
            Map.entry("Max cpu time", "cpu"),
            Map.entry("Max file size", "fsize"),
            Map.entry("Max data size", "data"),
            Map.entry("Max stack size", "stack"),
            Map.entry("Max core file size", "core"),
            Map.entry("Max resident set", "rss"),
            Map.entry("Max processes", "nproc"),
            Map.entry("Max open files", "nofile"),
            Map.entry("Max locked memory", "memlock"),
            Map.entry("Max address space", "as"),
            Map.entry("Max file locks", "locks"),
            Map.entry("Max pending signals", "sigpending"),
            Map.entry("Max msgqueue size", "msgqueue"),
            Map.entry("Max nice priority", "nice"),
            Map.entry("Max realtime priority", "rtprio"),
            Map.entry("Max realtime timeout", "rttime"));

    public Surroundings {
        facts = Map.copyOf(facts);
    }

    /** Empty if the process is gone. */
    public static Optional<Surroundings> of(int pid) throws IOException {
        Path process = Path.of("/proc", Integer.toString(pid));
        var facts = new TreeMap<String, String>();
        try {
            status(process, facts);
            for (String line : Files.readAllLines(process.resolve("limits"))) {
                String[] columns = line.split("\\s{2,}");
                if (LIMITS.containsKey(columns[0])) {
                    facts.put(LIMIT + LIMITS.get(columns[0]), columns[1] + ":" + columns[2]);
                }
            }
            try (DirectoryStream<Path> namespaces = Files.newDirectoryStream(process.resolve("ns"), "[!t]*")) {
                for (Path namespace : namespaces) {
                    String name = namespace.getFileName().toString();
                    if (!name.endsWith("_for_children")) {
                        facts.put(
                                NAMESPACE + name,
                                Files.readSymbolicLink(namespace).toString());
                    }
                }
            }
            facts.put(
                    "root directory",
                    Files.readSymbolicLink(process.resolve("root")).toString());
            facts.put(
                    "oom score",
                    Files.readString(process.resolve("oom_score_adj")).strip());
            facts.put("scheduling", scheduling(Files.readString(process.resolve("stat"))));
            ProcessProbe.controlGroups(pid).orElse(Map.of()).forEach((name, path) -> facts.put(GROUP + name, path));
            return Optional.of(new Surroundings(facts));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static void status(Path process, Map<String, String> facts) throws IOException {
        for (String line : Files.readAllLines(process.resolve("status"))) {
            String[] parts = line.split(":", 2);
            String value = parts.length < 2 ? "" : parts[1].strip().replaceAll("\\s+", " ");
            switch (parts[0]) {
                case "Uid" -> facts.put("user", value);
                case "Gid" -> facts.put("group", value);
                case "Groups" ->
                    facts.put(
                            "groups",
                            Arrays.stream(value.split(" ")).distinct().sorted().collect(Collectors.joining(",")));
                case "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" -> facts.put(CAPABILITIES + parts[0], value);
                case "NoNewPrivs" -> facts.put("no new privileges", value);
                case "Seccomp" -> facts.put("seccomp", value);
                case "Umask" -> facts.put("umask", value);
                case "Cpus_allowed_list" -> facts.put("processors", value);
                case "Mems_allowed_list" -> facts.put("memory nodes", value);
                default -> {}
            }
        }
    }

    /** Nice value, real-time priority and policy. */
    static String scheduling(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return fields[16] + " " + fields[37] + " " + fields[38];
    }

    String get(String name) {
        return facts.getOrDefault(name, "");
    }

    /** Whose it is, what it may do and what it sees, without what it may use: the same for a process that lives for a moment only. */
    Surroundings identity() {
        var identity = new TreeMap<String, String>();
        facts.forEach((name, value) -> {
            boolean rights = List.of("user", "group", "groups", "no new privileges", "root directory")
                    .contains(name);
            if (rights || name.startsWith(CAPABILITIES) || name.startsWith(NAMESPACE)) {
                identity.put(name, value);
            }
        });
        return new Surroundings(identity);
    }

    /** The user that the kernel asks for when it opens a file or connects to a socket. */
    long user() {
        return Long.parseLong(get("user").split(" ")[1]);
    }

    /** @return the first that {@code other} has not the same, in words */
    public Optional<String> differs(Surroundings other) {
        var names = new TreeMap<String, String>(facts);
        names.putAll(other.facts());
        return names.keySet().stream()
                .filter(name -> !get(name).equals(other.get(name)))
                .findFirst()
                .map(name -> "%s is '%s' instead of '%s'".formatted(name, other.get(name), get(name)));
    }

    /** Control groups to join, of which a process started from {@code own} is in others. */
    public List<Path> groups(Surroundings own) {
        var groups = new ArrayList<Path>();
        for (Map.Entry<String, String> fact : new TreeMap<>(facts).entrySet()) {
            if (fact.getKey().startsWith(GROUP) && !fact.getValue().equals(own.get(fact.getKey()))) {
                groups.add(hierarchy(fact.getKey().substring(GROUP.length()))
                        .resolve(fact.getValue().substring(1)));
            }
        }
        return groups;
    }

    private static Path hierarchy(String controllers) {
        if (controllers.isEmpty()) {
            Path beside = GROUPS.resolve("unified");
            return Files.isDirectory(beside) ? beside : GROUPS;
        }
        return GROUPS.resolve(controllers.replaceFirst("^name=", ""));
    }
}
