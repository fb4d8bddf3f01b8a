package dev.neurath.chaos.handover;

import dev.neurath.codec.VmCodec;
import dev.neurath.model.HostId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.ReleaseCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A {@link RulesCoordinator} in a JVM of its own that can be killed and started again on the same port and journal. What it knows is read from the
 * journal, so that only what is durable counts.
 */
public final class CoordinatorProcess implements CrashCoordinator {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path place;
    private final HostId host;
    private final int port;
    private JavaProcess process;
    private long read = -1;
    private Map<VmId, VmState> known = Map.of();

    public CoordinatorProcess(Path place, HostId host, ReleaseCatalog releases) throws IOException {
        this.place = Files.createDirectories(place);
        this.host = host;
        Files.write(place.resolve("releases"), releases.toByteArray());
        // The second one needs the first one's port; between this and the bind another process may take it, and then
        // the run fails at once.
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = probe.getLocalPort();
        }
        this.process = start();
    }

    private JavaProcess start() throws IOException {
        return JavaProcess.start(
                CoordinatorMain.class.getName(),
                List.of(host.value(), Integer.toString(port), place.toString()),
                place.resolve("out"));
    }

    /** SIGKILL, seen dead; then another on the same journal. */
    void killAndRestart() throws IOException, InterruptedException {
        process.kill();
        process = start();
    }

    @Override
    public String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public synchronized VmState vm(VmId id) {
        Path journal = CoordinatorMain.journal(place);
        try {
            long size = Files.exists(journal) ? Files.size(journal) : 0;
            if (size != read) {
                known = EventFile.read(journal).vms();
                read = size;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the journal cannot be read", e);
        }
        return known.getOrDefault(id, VmState.initial(id));
    }

    @Override
    public synchronized void command(VmId id, VmCommand command) throws IOException, InterruptedException {
        VmState before = vm(id);
        process.tell(
                switch (command) {
                    case VmCommand.Start start ->
                        "start "
                                + Base64.getEncoder()
                                        .encodeToString(
                                                VmCodec.encode(start.spec()).toByteArray());
                    case VmCommand.Upgrade upgrade ->
                        String.join(
                                " ",
                                "upgrade",
                                id.value(),
                                upgrade.release().value(),
                                upgrade.method().name(),
                                upgrade.fromVersion(),
                                upgrade.pauseLimit().toString());
                    default -> throw new IllegalArgumentException("not a command of a crash run: " + command);
                });
        long end = System.nanoTime() + LIMIT.toNanos();
        while (vm(id).equals(before)) {
            if (!process.alive() || System.nanoTime() - end > 0) {
                throw new IllegalStateException(
                        command + " is not in the journal: " + Files.readString(place.resolve("out")));
            }
            wait(5);
        }
    }

    /** The process does that by itself. */
    @Override
    public void repeat() {}

    @Override
    public void close() {
        try {
            process.kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
