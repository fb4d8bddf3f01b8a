package dev.neurath.agent.adopt;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What to put before a command so that it lives in the {@link Surroundings} of another process; control groups are joined before. Whatever needs rights comes
 * before the rights are given up: namespaces first, then what it may use, at last whose it is and what it may do. Pure; whether the kernel made of it what was
 * meant is for whoever looks afterwards.
 */
final class StartWords {
    /** Of nsenter(1); in these a process reaches the files, processes and users that the agent means. */
    private static final List<String> ENTERED = List.of("net", "uts", "ipc", "cgroup");

    private static final List<String> PRIVILEGES = List.of(
            "user",
            "group",
            "groups",
            "no new privileges",
            Surroundings.CAPABILITIES + "CapInh",
            Surroundings.CAPABILITIES + "CapPrm",
            Surroundings.CAPABILITIES + "CapEff",
            Surroundings.CAPABILITIES + "CapBnd",
            Surroundings.CAPABILITIES + "CapAmb");

    private final Surroundings its;
    private final Surroundings own;
    private final List<String> words = new ArrayList<>();

    private StartWords(Surroundings its, Surroundings own) {
        this.its = its;
        this.own = own;
    }

    /**
     * @param pid whose surroundings they are
     * @param own those of the process that starts the command
     * @throws NotAdoptable for what no command can give
     */
    static List<String> of(int pid, Surroundings its, Surroundings own) throws NotAdoptable {
        var start = new StartWords(its, own);
        start.refuse();
        start.namespaces(pid);
        start.limits();
        if (start.differs("oom score")) {
            start.words.addAll(List.of("/usr/bin/choom", "-n", its.get("oom score"), "--"));
        }
        if (start.differs("processors")) {
            start.words.addAll(List.of("/usr/bin/taskset", "-c", its.get("processors")));
        }
        start.scheduling();
        if (start.differs("umask")) {
            start.words.addAll(List.of("/bin/sh", "-c", "umask \"$0\"; exec \"$@\"", its.get("umask")));
        }
        start.privileges();
        return start.words;
    }

    private boolean differs(String name) {
        return !its.get(name).equals(own.get(name));
    }

    private void refuse() throws NotAdoptable {
        for (String name : new TreeMap<>(its.facts()).keySet()) {
            boolean entered = ENTERED.stream().anyMatch(kind -> name.equals(Surroundings.NAMESPACE + kind));
            boolean kept = name.equals("root directory") || (name.startsWith(Surroundings.NAMESPACE) && !entered);
            if (kept && differs(name)) {
                throw new NotAdoptable(
                        "SURROUNDINGS",
                        "Its %s is '%s', this agent's is '%s', and what is started there would not find the agent's files: run both in the same."
                                .formatted(name, its.get(name), own.get(name)));
            }
            boolean roots = entered || PRIVILEGES.contains(name);
            if (roots && differs(name) && own.user() != 0) {
                throw new NotAdoptable(
                        "SURROUNDINGS",
                        "Its %s is '%s', this agent's is '%s', and only an agent that runs as root can give another process that."
                                .formatted(name, its.get(name), own.get(name)));
            }
        }
    }

    private void namespaces(int pid) {
        List<String> options = ENTERED.stream()
                .filter(kind -> differs(Surroundings.NAMESPACE + kind))
                .map(kind -> "--%s=/proc/%d/ns/%s".formatted(kind, pid, kind))
                .toList();
        if (!options.isEmpty()) {
            words.add("/usr/bin/nsenter");
            words.addAll(options);
            words.add("--");
        }
    }

    private void limits() {
        var options = new ArrayList<String>();
        for (String name : new TreeMap<>(its.facts()).keySet()) {
            if (name.startsWith(Surroundings.LIMIT) && differs(name)) {
                options.add("--" + name.substring(Surroundings.LIMIT.length()) + "=" + its.get(name));
            }
        }
        if (!options.isEmpty()) {
            words.add("/usr/bin/prlimit");
            words.addAll(options);
            words.add("--");
        }
    }

    private void scheduling() throws NotAdoptable {
        if (!differs("scheduling")) {
            return;
        }
        String[] wanted = its.get("scheduling").split(" ");
        String[] ours = own.get("scheduling").split(" ");
        String policy = policy(wanted[2]);
        if (policy.isEmpty()) {
            throw new NotAdoptable(
                    "SURROUNDINGS", "Its scheduling policy %s is none that can be given.".formatted(wanted[2]));
        }
        if (!wanted[1].equals(ours[1]) || !wanted[2].equals(ours[2])) {
            words.addAll(List.of("/usr/bin/chrt", policy, wanted[1]));
        }
        int nicer = Integer.parseInt(wanted[0]) - Integer.parseInt(ours[0]);
        if (nicer != 0) {
            words.addAll(List.of("/usr/bin/nice", "-n", Integer.toString(nicer)));
        }
    }

    /** The kernel's number of a policy as an option of chrt(1); empty for one that needs more than a priority. */
    static String policy(String number) {
        return switch (number) {
            case "0" -> "--other";
            case "1" -> "--fifo";
            case "2" -> "--rr";
            case "3" -> "--batch";
            case "5" -> "--idle";
            default -> "";
        };
    }

    private void privileges() {
        var options = new ArrayList<String>();
        if (PRIVILEGES.stream().anyMatch(this::differs)) {
            String[] user = its.get("user").split(" ");
            String[] group = its.get("group").split(" ");
            options.addAll(List.of("--ruid", user[0], "--euid", user[1], "--rgid", group[0], "--egid", group[1]));
            String groups = its.get("groups");
            options.addAll(groups.isEmpty() ? List.of("--clear-groups") : List.of("--groups", groups));
            options.addAll(List.of("--ambient-caps", capabilities("CapAmb")));
            // Permitted and effective ones follow from these at the program's start (capabilities(7)).
            options.addAll(List.of("--inh-caps", capabilities("CapInh"), "--bounding-set", capabilities("CapBnd")));
        }
        if (differs("no new privileges") && its.get("no new privileges").equals("1")) {
            options.add("--no-new-privs");
        }
        if (!options.isEmpty()) {
            words.add("/usr/bin/setpriv");
            words.addAll(options);
            words.add("--");
        }
    }

    /** A set of the kernel's as setpriv(1) is told of it: none but these. */
    private String capabilities(String set) {
        long bits = Long.parseUnsignedLong(its.facts().getOrDefault(Surroundings.CAPABILITIES + set, "0"), 16);
        return IntStream.range(0, Long.SIZE)
                .filter(bit -> (bits >>> bit & 1) != 0)
                .mapToObj(bit -> ",+cap_" + bit)
                .collect(Collectors.joining("", "-all", ""));
    }
}
