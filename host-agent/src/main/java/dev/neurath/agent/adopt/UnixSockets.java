package dev.neurath.agent.adopt;

import dev.neurath.agent.process.ProcessProbe;
import dev.neurath.agent.process.ProcessScan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which unix sockets a process listens on, out of /proc alone: connecting would take a monitor's only place, or a serial line from its owner. A name can
 * have been taken over by another process's socket; whoever still holds the old one is found too, so the caller sees both.
 */
final class UnixSockets {
    private static final int FLAGS = 3;
    private static final int INODE = 6;
    private static final int PATH = 7;
    private static final int LISTENING = 0x10000;

    private UnixSockets() {}

    /** Absolute, as the process meant them; empty for one that is gone or may not be looked into. */
    static List<Path> listening(int pid) throws IOException {
        try {
            return listening(pid, Path.of("/proc", Integer.toString(pid)));
        } catch (AccessDeniedException | NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
    }

    private static List<Path> listening(int pid, Path process) throws IOException {
        Set<String> held = held(process);
        var found = new ArrayList<Path>();
        if (held.isEmpty()) {
            return found;
        }
        // The kernel prints names as they are, and anybody may choose one that is no text.
        for (String line : Files.readAllLines(process.resolve("net/unix"), StandardCharsets.ISO_8859_1)) {
            String[] fields = line.strip().split("\\s+", PATH + 1);
            boolean named = fields.length > PATH && !fields[PATH].startsWith("@");
            if (named
                    && held.contains(fields[INODE])
                    && (Integer.parseUnsignedInt(fields[FLAGS], 16) & LISTENING) != 0) {
                Path path =
                        Path.of(new String(fields[PATH].getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
                found.add(
                        path.isAbsolute()
                                ? path.normalize()
                                : directory(pid).resolve(path).normalize());
            }
        }
        return found;
    }

    private static Path directory(int pid) throws IOException {
        try {
            return StartDirectory.of(pid, ProcessProbe.commandLine(pid).orElse(List.of()));
        } catch (NotAdoptable e) {
            return Path.of("/");
        }
    }

    private static Set<String> held(Path process) throws IOException {
        var inodes = new HashSet<String>();
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path fd : fds) {
                Optional<String> target = target(fd);
                if (target.isPresent() && target.get().startsWith("socket:[")) {
                    inodes.add(target.get()
                            .substring("socket:[".length(), target.get().length() - 1));
                }
            }
        } catch (DirectoryIteratorException e) {
            // It ended while it was read.
            return Set.of();
        }
        return inodes;
    }

    /** Of an entry in /proc/PID/fd; empty if it was closed since it was listed. */
    static Optional<String> target(Path fd) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(fd).toString());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Who listens at each of them: nobody knows which of several a client would reach. */
    static Map<Path, List<Integer>> listeners(List<Path> asked) throws IOException {
        var wanted = new ArrayList<Path>();
        for (Path socket : asked) {
            wanted.add(real(socket));
        }
        var found = new LinkedHashMap<Path, List<Integer>>();
        for (int pid : ProcessScan.pids()) {
            for (Path listening : listening(pid)) {
                Path real = real(listening);
                if (wanted.contains(real)) {
                    found.computeIfAbsent(real, path -> new ArrayList<>()).add(pid);
                }
            }
        }
        return found;
    }

    /** A name by which two paths to one socket are the same. */
    static Path real(Path path) throws IOException {
        return Files.exists(path) ? path.toRealPath() : path.normalize();
    }
}
