package dev.neurath.bench.handover;

import dev.neurath.testbed.Command;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A tap device of a run's own: it has no address and leads nowhere, so nothing of the machine's networks meets it. Gone with the run. */
final class TapDevice implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final String name;

    private TapDevice(String name) {
        this.name = name;
    }

    /** @throws IOException with the reason, where none can be made */
    static TapDevice make(String kind) throws IOException, InterruptedException {
        // Names have at most 15 characters; those of two runs at once differ.
        var tap = new TapDevice("nb" + kind + ProcessHandle.current().pid() % 1_000_000);
        ip("tuntap", "add", "dev", tap.name, "mode", "tap");
        try {
            ip("link", "set", tap.name, "up");
            return tap;
        } catch (IOException e) {
            tap.close();
            throw e;
        }
    }

    String name() {
        return name;
    }

    @Override
    public void close() throws IOException {
        try {
            ip("link", "delete", name);
        } catch (InterruptedException e) {
            // It was told; whoever interrupted wants this JVM gone.
            Thread.currentThread().interrupt();
        }
    }

    private static void ip(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        var unused = Command.of(LIMIT, command).output();
    }
}
