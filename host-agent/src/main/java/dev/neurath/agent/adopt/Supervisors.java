package dev.neurath.agent.adopt;

import dev.neurath.agent.process.ProcessProbe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Who would do something about a QEMU's end, for a hand-over ends it. Started again, it would be a second guest on the same disks: what cannot be ruled out
 * counts as a supervisor, and its owner can say that it is none. Nobody's word helps against a systemd unit that ends, with its main process, everything in
 * its control group, for that is where the new QEMU lives too.
 */
final class Supervisors {
    private static final Set<String> INITS =
            Set.of("init", "systemd", "tini", "dumb-init", "docker-init", "catatonit", "s6-svscan");
    private static final Set<String> SHELLS = Set.of(
            "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "busybox", "tmux", "screen", "script", "su",
            "sudo", "login", "sshd");
    private static final Pattern LOOP = Pattern.compile("\\b(while|until|for)\\b");
    private static final long LARGEST_SCRIPT_BYTES = 1 << 20;
    private static final long SYSTEMCTL_SECONDS = 3;

    private Supervisors() {}

    /** @return who it is, in words; empty if nobody was found */
    static Optional<String> of(int pid, List<String> argv) throws IOException {
        Optional<String> byLibvirt = libvirt(argv);
        if (byLibvirt.isPresent()) {
            return byLibvirt;
        }
        Optional<Unit> unit = unit(pid);
        Optional<String> byUnit = unit.flatMap(known -> known.startsAgain(pid));
        return byUnit.isPresent() ? byUnit : parent(pid);
    }

    /** @return the unit that would end the new QEMU together with the old one, in words; empty if there is none */
    static Optional<String> endsBoth(int pid) throws IOException {
        int parent = ProcessProbe.parent(pid).orElse(1);
        return unit(pid).flatMap(known -> known.endsBoth(pid, parent));
    }

    /**
     * A systemd service that a process lies in.
     *
     * @param shown its properties; empty if systemd does not answer
     */
    record Unit(String name, Map<String, String> shown) {
        Optional<String> startsAgain(int pid) {
            if (shown.isEmpty()) {
                return Optional.of("systemd unit " + name + ", which cannot be asked whether it restarts it");
            }
            return isMain(pid) ? Optional.of("systemd unit " + name) : Optional.empty();
        }

        /** A main process that only waits for the QEMU ends with it. */
        Optional<String> endsBoth(int pid, int parent) {
            boolean endsWithIt = isMain(pid) || (parent > 1 && isMain(parent));
            String mode = shown.getOrDefault("KillMode", "");
            boolean all = mode.equals("control-group") || mode.equals("mixed");
            boolean stays = shown.getOrDefault("RemainAfterExit", "no").equals("yes");
            return endsWithIt && all && !stays
                    ? Optional.of("systemd unit %s (KillMode=%s)".formatted(name, mode))
                    : Optional.empty();
        }

        private boolean isMain(int pid) {
            return shown.getOrDefault("MainPID", "").equals(Integer.toString(pid));
        }
    }

    private static Optional<String> libvirt(List<String> argv) {
        boolean named = argv.stream().anyMatch(word -> word.startsWith("guest=") && word.contains("debug-threads=on"));
        boolean place =
                argv.stream().anyMatch(word -> word.contains("/lib/libvirt/") || word.contains("/run/libvirt/"));
        return named && place ? Optional.of("libvirt") : Optional.empty();
    }

    private static Optional<Unit> unit(int pid) throws IOException {
        Map<String, String> groups = ProcessProbe.controlGroups(pid).orElse(Map.of());
        String group = groups.getOrDefault("name=systemd", groups.getOrDefault("", ""));
        String last = group.substring(group.lastIndexOf('/') + 1);
        if (!last.endsWith(".service") || last.startsWith("user@")) {
            return Optional.empty();
        }
        return Optional.of(
                new Unit(last, systemctl(last, group.contains("/user@")).orElse(Map.of())));
    }

    private static Optional<Map<String, String>> systemctl(String unit, boolean ofUser) throws IOException {
        if (ofUser || !Files.isDirectory(Path.of("/run/systemd/system"))) {
            return Optional.empty();
        }
        Process process = new ProcessBuilder("systemctl", "show", unit, "--property=MainPID,KillMode,RemainAfterExit")
                .redirectErrorStream(true)
                .start();
        try {
            if (!process.waitFor(SYSTEMCTL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                return Optional.empty();
            }
            var properties = new java.util.HashMap<String, String>();
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("=", 2))
                    .filter(pair -> pair.length == 2)
                    .forEach(pair -> properties.put(pair[0], pair[1]));
            return Optional.of(properties);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Who waits for it to end may do something about it. A shell that somebody types into, and an init that only buries, do not. */
    private static Optional<String> parent(int pid) throws IOException {
        int parent = ProcessProbe.parent(pid).orElse(1);
        if (parent <= 1 || parent == ProcessHandle.current().pid()) {
            return Optional.empty();
        }
        List<String> argv = ProcessProbe.commandLine(parent).orElse(List.of());
        if (argv.isEmpty()) {
            return Optional.empty();
        }
        String name = name(argv.getFirst());
        if (INITS.contains(name) || (SHELLS.contains(name) && !loops(parent, argv))) {
            return Optional.empty();
        }
        return Optional.of("process " + parent + " (" + name + "), which started it and still lives");
    }

    private static boolean loops(int shell, List<String> argv) throws IOException {
        for (String word : argv.subList(1, argv.size())) {
            if (LOOP.matcher(word).find()) {
                return true;
            }
        }
        Optional<Path> directory = ProcessProbe.workingDirectory(shell);
        Optional<String> script =
                argv.stream().skip(1).filter(word -> !word.startsWith("-")).findFirst();
        if (script.isEmpty() || directory.isEmpty()) {
            return false;
        }
        Path file = directory.get().resolve(script.get());
        return Files.isRegularFile(file)
                && Files.size(file) <= LARGEST_SCRIPT_BYTES
                && LOOP.matcher(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .find();
    }

    /** A login shell's begins with a dash. */
    private static String name(String word) {
        String name = word.substring(word.lastIndexOf('/') + 1);
        return name.startsWith("-") ? name.substring(1) : name;
    }
}
