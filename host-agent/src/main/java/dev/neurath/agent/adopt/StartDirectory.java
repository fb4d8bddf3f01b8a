package dev.neurath.agent.adopt;

import dev.neurath.agent.process.MemoryMap;
import dev.neurath.agent.process.ProcessProbe;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The directory that a command line's relative paths are meant from. It is the process's own, but for one that made itself a daemon: that one lives in the
 * root directory, and where it was before is told by the files that it holds open under names that its command line ends with.
 */
final class StartDirectory {
    private StartDirectory() {}

    /** @throws NotAdoptable if it is a daemon and the files that it holds do not agree */
    static Path of(int pid, List<String> argv) throws IOException, NotAdoptable {
        Path now = ProcessProbe.workingDirectory(pid)
                .orElseThrow(() -> new NotAdoptable("IDENTITY_UNSURE", "Process %d is gone.".formatted(pid)));
        if (argv.stream().noneMatch(word -> word.matches("--?daemonize"))) {
            return now;
        }
        Set<Path> directories = mostNamed(relative(argv), files(pid));
        String said = ProcessProbe.environment(pid).orElse(Map.of()).getOrDefault("PWD", "");
        if (directories.size() == 1) {
            return directories.iterator().next();
        }
        if (said.startsWith("/") && (directories.isEmpty() || directories.contains(Path.of(said)))) {
            return Path.of(said);
        }
        if (directories.isEmpty()) {
            return now;
        }
        throw new NotAdoptable(
                "IDENTITY_UNSURE",
                "Process %d made itself a daemon, and its relative paths could be meant from any of %s."
                        .formatted(pid, directories));
    }

    /** Where most of the names are; several if they have equally many. */
    private static Set<Path> mostNamed(Set<String> names, Set<String> files) {
        var found = new TreeMap<Path, Set<String>>();
        for (String file : files) {
            for (String name : names) {
                if (file.endsWith("/" + name)) {
                    Path directory = Path.of("/" + file.substring(0, file.length() - name.length() - 1))
                            .normalize();
                    found.computeIfAbsent(directory, path -> new HashSet<>()).add(name);
                }
            }
        }
        int most = found.values().stream().mapToInt(Set::size).max().orElse(0);
        found.values().removeIf(there -> there.size() < most);
        return found.keySet();
    }

    /** What could be a path: words and values that do not begin at the root. */
    private static Set<String> relative(List<String> argv) {
        var names = new HashSet<String>();
        for (String word : argv.subList(Math.min(1, argv.size()), argv.size())) {
            for (String part : word.split("[,=:\"]")) {
                boolean path = !part.isEmpty() && !part.startsWith("/") && !part.startsWith("-");
                if (path) {
                    names.add(Path.of(part).normalize().toString());
                }
            }
        }
        names.remove("");
        return names;
    }

    private static Set<String> files(int pid) throws IOException {
        var files = new HashSet<String>();
        MemoryMap.of(pid).ifPresent(map -> map.mappings().forEach(mapping -> files.add(mapping.path())));
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "fd"))) {
            for (Path fd : fds) {
                UnixSockets.target(fd).ifPresent(files::add);
            }
        } catch (AccessDeniedException | DirectoryIteratorException e) {
            return files;
        }
        return files;
    }
}
