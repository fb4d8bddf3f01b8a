package dev.neurath.chaos.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A tap device of a test's own, where the machine lets one be made. */
final class Tap {
    private Tap() {}

    /** @return its name; empty, with the reason on stdout, where none can be made */
    static String create() throws IOException, InterruptedException {
        String name = "nr" + ProcessHandle.current().pid() % 1_000_000;
        String refused = ip("tuntap", "add", "dev", name, "mode", "tap");
        if (!refused.isEmpty()) {
            System.out.println("No tap device is tried: " + refused);
            return "";
        }
        return name;
    }

    static void delete(String name) throws IOException, InterruptedException {
        if (!name.isEmpty()) {
            ip("link", "delete", name);
        }
    }

    /** @return devices that a process has open */
    static List<String> heldBy(int pid) throws IOException {
        var found = new ArrayList<String>();
        try (DirectoryStream<Path> infos =
                Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "fdinfo"))) {
            for (Path info : infos) {
                try {
                    Files.readAllLines(info).stream()
                            .filter(line -> line.startsWith("iff:"))
                            .forEach(line -> found.add(line.substring(4).strip()));
                } catch (NoSuchFileException e) {
                    assert !Files.exists(info) : e;
                }
            }
        }
        return found;
    }

    /** @return what it said if it failed, else nothing */
    private static String ip(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return "there is no ip command here: " + e.getMessage();
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        boolean done = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        return done ? "" : "ip " + String.join(" ", arguments) + ": " + said;
    }
}
