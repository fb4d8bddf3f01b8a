package dev.neurath.chaos.agent;

import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessLauncher;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.qemu.QemuArgv;
import dev.neurath.agent.qemu.QemuBinary;
import dev.neurath.agent.qemu.RamFile;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpListener;
import dev.neurath.agent.qmp.QmpLoop;
import dev.neurath.agent.qmp.QmpOptions;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.guest.BeatGuest;
import dev.neurath.testbed.qemu.QemuCatalog;
import dev.neurath.testbed.qemu.QemuRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Real QEMUs of one test: one beating guest, its RAM, and every process started for it; ends them all. */
final class RealQemu implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long RAM_BYTES = 64 << 20;

    final Path directory;
    final Path beats;
    final RamFile ram;
    final QmpLoop loop = new QmpLoop();
    final QmpConnector connector = new QmpConnector(loop);
    final QemuBinary binaries;
    final VmSpec vm;
    private final List<ProcessIdentity> started = new ArrayList<>();

    record Side(ProcessIdentity process, QmpConnection qmp) {}

    RealQemu(String machine) throws IOException {
        directory = Files.createTempDirectory("neurath-pieces-");
        beats = directory.resolve("beats");
        ram = RamFile.create(
                Path.of("/dev/shm/neurath-pieces-" + ProcessHandle.current().pid() + "-" + System.nanoTime()),
                RAM_BYTES);
        binaries = new QemuBinary(connector, directory.resolve("ask"));
        BeatGuest guest = BeatGuest.gentle();
        vm = new VmSpec(
                new VmId("vm-1"),
                new ReleaseId("r"),
                machine,
                "qemu64",
                "tcg",
                1,
                RAM_BYTES,
                List.of(),
                List.of(),
                new VmSpec.Boot(BeatGuest.kernel(UserCache.ofUser()).toString(), null, guest.append(), null),
                List.of(
                        "-chardev",
                        "file,id=beat,append=on,path=" + beats,
                        "-device",
                        "isa-debugcon,iobase=0xe9,chardev=beat"),
                Map.of(),
                Duration.ofSeconds(1),
                List.of());
    }

    static ReleaseManifest release(String request) throws IOException, InterruptedException {
        QemuCatalog catalog = QemuCatalog.ofUser();
        var install = catalog.fetch(QemuRequest.parse(request), line -> {});
        Path file = Files.createTempFile("neurath-release-", ".json");
        try {
            Files.writeString(file, catalog.releaseManifest(install).toString());
            return ReleaseManifest.read(file);
        } finally {
            Files.delete(file);
        }
    }

    QemuArgv argv(ReleaseManifest release) throws IOException {
        return new QemuArgv(release, binaries.abilities(release, vm.machine()), vm, ram.path());
    }

    ProcessIdentity start(ReleaseManifest release, List<String> argv, String name) throws IOException {
        ProcessIdentity process = ProcessLauncher.start(new ProcessLauncher.Launch(
                argv,
                release.environment(),
                directory,
                directory.resolve(name + ".out"),
                List.of(),
                new ControlGroup(List.of(), "not asked for"),
                directory.getFileName().toString()));
        started.add(process);
        return process;
    }

    QmpConnection connect(Path socket, QmpListener listener) {
        return connector
                .connect(socket, QmpOptions.DEFAULT.withConnect(LIMIT).withGreeting(LIMIT), listener)
                .join();
    }

    Path qmp(String name) {
        return directory.resolve(name + ".qmp");
    }

    /** The beats so far: consecutive eight-digit hexadecimal numbers, as long as nothing is lost or repeated. */
    List<Long> beats() throws IOException {
        try (var lines = Files.lines(beats)) {
            return lines.filter(line -> line.matches("[0-9a-f]{8}"))
                    .map(line -> Long.parseLong(line, 16))
                    .toList();
        }
    }

    String output(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".out"));
    }

    interface Condition {
        boolean holds() throws IOException;
    }

    static void await(String what, Condition condition) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited too long: " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Override
    public void close() throws IOException {
        for (ProcessIdentity process : started) {
            ProcessSignals.kill(process, LIMIT);
        }
        loop.close();
        ram.delete();
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
