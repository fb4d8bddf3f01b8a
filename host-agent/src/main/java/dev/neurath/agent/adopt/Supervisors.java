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
 * Who would start a QEMU again when it ends: a hand-over ends it, and a second guest on the same disks would be the result. What cannot be ruled out counts as
 * a supervisor; its owner can say that it is none.
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
        Optional<String> byUnit = unit(pid);
        return byUnit.isPresent() ? byUnit : parent(pid);
    }

    private static Optional<String> libvirt(List<String> argv) {
        boolean named = argv.stream().anyMatch(word -> word.startsWith("guest=") && word.contains("debug-threads=on"));
        boolean place =
                argv.stream().anyMatch(word -> word.contains("/lib/libvirt/") || word.contains("/run/libvirt/"));
        return named && place ? Optional.of("libvirt") : Optional.empty();
    }

    private static Optional<String> unit(int pid) throws IOException {
        Map<String, String> groups = ProcessProbe.controlGroups(pid).orElse(Map.of());
        String group = groups.getOrDefault("name=systemd", groups.getOrDefault("", ""));
        String last = group.substring(group.lastIndexOf('/') + 1);
        if (!last.endsWith(".service") || last.startsWith("user@")) {
            return Optional.empty();
        }
        Optional<Map<String, String>> shown = systemctl(last, group.contains("/user@"));
        if (shown.isEmpty()) {
            return Optional.of("systemd unit " + last + ", which cannot be asked whether it restarts it");
        }
        boolean its = shown.get().getOrDefault("MainPID", "").equals(Integer.toString(pid));
        boolean restarts = !shown.get().getOrDefault("Restart", "no").equals("no");
        return its && restarts ? Optional.of("systemd unit " + last) : Optional.empty();
    }

    private static Optional<Map<String, String>> systemctl(String unit, boolean ofUser) throws IOException {
        if (ofUser || !Files.isDirectory(Path.of("/run/systemd/system"))) {
            return Optional.empty();
        }
        Process process = new ProcessBuilder("systemctl", "show", unit, "--property=MainPID,Restart")
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
