package dev.neurath.bench.handover;

import dev.neurath.agent.qemu.QemuAbilities;
import dev.neurath.agent.qemu.QemuArgv;
import dev.neurath.agent.qemu.RamFile;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.testbed.beat.BeatLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A guest that no agent looks after, on the very command lines that the agent would use. It ends with all its processes and files. */
final class BareVm implements AutoCloseable {
    /** What the two versions at hand have, as the agent finds by asking them. */
    private static final QemuAbilities ABILITIES = new QemuAbilities(
            "", Set.of(), Map.of(), Set.of(), Set.of(), Set.of("aux-ram-share"), Set.of(), Set.of("cpr-transfer"));

    private final ReleaseManifest to;
    private final VmSpec spec;
    private final Path place;
    private final BeatLog beats;
    private final RamFile ram;
    private final List<RamFile> rams = new ArrayList<>();
    private final List<Process> started = new ArrayList<>();

    BareVm(ReleaseManifest from, ReleaseManifest to, VmSpec spec, Path place, BeatLog beats) throws IOException {
        this.to = to;
        this.spec = spec;
        this.place = place;
        this.beats = beats;
        this.ram = ram("ram");
        start(from, new QemuArgv(from, ABILITIES, spec, ram.path()).firstStart(oldSocket()));
    }

    private RamFile ram(String name) throws IOException {
        RamFile file = RamFile.create(place.resolve(spec.id() + "." + name), spec.memoryBytes());
        rams.add(file);
        return file;
    }

    Process old() {
        return started.getFirst();
    }

    Path oldSocket() {
        return path("o");
    }

    Path newSocket() {
        return path("q");
    }

    Path stream() {
        return path("s");
    }

    Path channel() {
        return path("c");
    }

    private Path path(String kind) {
        return place.resolve(spec.id() + "." + kind);
    }

    /** New maps old's memory. */
    Process startNew() throws IOException {
        return start(
                to,
                new QemuArgv(to, ABILITIES, spec, ram.path())
                        .incoming(newSocket(), new QemuArgv.Incoming.CprTransfer(channel())));
    }

    /** New has memory of its own. */
    Process startCopy() throws IOException {
        return start(
                to,
                new QemuArgv(to, ABILITIES, spec, ram("copy").path())
                        .incoming(newSocket(), new QemuArgv.Incoming.SharedRam()));
    }

    /** Begins to measure; to be called before new is started. */
    Meter meter() throws IOException, InterruptedException {
        return Meter.begin(beats, old().pid(), Meter.sharedBelow(place));
    }

    /** The same, where all that new maps is its own. */
    Meter meterOfCopy() throws IOException, InterruptedException {
        return Meter.begin(beats, old().pid(), Set.of());
    }

    private Process start(ReleaseManifest release, List<String> argv) throws IOException {
        var builder = new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(path("out").toFile()));
        builder.environment().clear();
        builder.environment().putAll(release.environment());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    @Override
    public void close() throws IOException {
        for (Process process : started) {
            process.destroyForcibly();
            process.onExit().join();
        }
        for (RamFile file : rams) {
            file.delete();
        }
        for (String kind : List.of("o", "q", "s", "c", "out")) {
            Files.deleteIfExists(path(kind));
        }
    }
}
