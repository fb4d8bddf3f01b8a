package dev.neurath.chaos.handover;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.vm.AgentDirectories;
import dev.neurath.model.Actor;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.testbed.beat.BeatLog;
import dev.neurath.testbed.beat.BeatWatcher;
import dev.neurath.testbed.beat.ProcessLife;
import dev.neurath.testbed.beat.ProcessWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One host with real guests: its agent as a process of its own, a coordinator, and watchers outside. It ends with everything that was started on it.
 * What is done to the guests is the runs'.
 */
final class Stage implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(90);
    /** Enough to see that a guest goes on. */
    static final long BEATS = 20;

    private final Path place;
    private final Path holds;
    private final CrashCoordinator coordinator;
    private final Map<VmId, BeatLog> beats = new LinkedHashMap<>();
    private final BeatWatcher watcher = BeatWatcher.start();
    private final ProcessWatch processes = ProcessWatch.start();
    private JavaProcess agent;

    /** Makes the coordinator; {@code place} is its own to write to. */
    interface Coordinators {
        CrashCoordinator create(Path place) throws IOException;
    }

    static Path place() throws IOException {
        return Files.createTempDirectory(Path.of("/dev/shm"), "neu");
    }

    /** @param place made by {@link #place}, and gone with the stage */
    Stage(Path place, Coordinators coordinators) throws IOException {
        this.place = place;
        this.holds = Files.createDirectories(place.resolve("s").resolve("holds"));
        this.coordinator = coordinators.create(place);
        this.agent = startAgent();
    }

    static CrashCoordinator coordinator(Path place, ReleaseCatalog releases, boolean ofItsOwn) throws IOException {
        return ofItsOwn
                ? new CoordinatorProcess(place.resolve("c"), CrashGuest.HOST, releases)
                : new RulesCoordinator(CrashGuest.HOST, releases);
    }

    Path path() {
        return place;
    }

    /** Shared with the agent. */
    Path holds() {
        return holds;
    }

    CrashCoordinator coordinator() {
        return coordinator;
    }

    JavaProcess agent() {
        return agent;
    }

    BeatLog beats(VmId vm) {
        return Objects.requireNonNull(beats.get(vm));
    }

    Path lines(VmId vm) {
        return place.resolve(vm + ".beats");
    }

    private JavaProcess startAgent() throws IOException {
        return JavaProcess.start(
                HeldAgentMain.class.getName(),
                List.of(
                        "--host",
                        CrashGuest.HOST.value(),
                        "--coordinator",
                        coordinator.address(),
                        "--plaintext",
                        "--state",
                        place.resolve("s").toString(),
                        "--run",
                        place.resolve("r").toString(),
                        "--ram",
                        place.toString()),
                place.resolve("agent.out"));
    }

    void restartAgent() throws IOException {
        if (!agent.alive()) {
            agent = startAgent();
        }
    }

    void start(VmSpec spec) throws IOException, InterruptedException {
        VmId vm = spec.id();
        processes.follow(place + "/" + vm + ".");
        coordinator.command(vm, new VmCommand.Start(spec, CrashGuest.HOST, Actor.LOCAL));
        beats.put(vm, watcher.watch(lines(vm)));
    }

    /** Until every guest that was started beats. */
    void awaitBeating() throws InterruptedException {
        awaitAll(beats.keySet(), "run", vm -> coordinator.vm(vm).phase() == VmPhase.STEADY);
        for (BeatLog log : beats.values()) {
            if (!log.awaitBeatsAfter(log.mark(), BEATS, LIMIT)) {
                throw new IllegalStateException("a guest does not beat within " + LIMIT + " of its start");
            }
        }
    }

    void awaitAll(Collection<VmId> vms, String what, Predicate<VmId> condition) throws InterruptedException {
        List<VmId> left = without(vms, condition);
        if (!left.isEmpty()) {
            throw new IllegalStateException("these did not " + what + " within " + LIMIT + ": "
                    + left.stream().map(vm -> coordinator.vm(vm).toString()).toList() + "; the agent said: "
                    + agentSaid());
        }
    }

    /** @return those of which it did not become true */
    List<VmId> without(Collection<VmId> vms, Predicate<VmId> condition) throws InterruptedException {
        var waiting = new ArrayList<>(vms);
        long end = System.nanoTime() + LIMIT.toNanos();
        waiting.removeIf(condition);
        while (!waiting.isEmpty() && System.nanoTime() - end < 0) {
            coordinator.repeat();
            await(() -> waiting.stream().anyMatch(condition));
            waiting.removeIf(condition);
        }
        return waiting;
    }

    String agentSaid() {
        try {
            List<String> lines = Files.readAllLines(place.resolve("agent.out"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return "nothing that can be read: " + e;
        }
    }

    /** Up to a second, so that what is due is repeated in between. */
    private void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        synchronized (coordinator) {
            while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
                coordinator.wait(20);
            }
        }
    }

    List<Integer> living(VmId vm) throws IOException {
        return ProcessScan.withTag(place + "/" + vm + ".").stream()
                .map(ProcessIdentity::pid)
                .toList();
    }

    List<ProcessIdentity> newQemus(VmId vm) throws IOException {
        return ProcessScan.withTag(vm + "." + coordinator.vm(vm).generation() + ".");
    }

    static ProcessIdentity identity(QemuProcess process) {
        return new ProcessIdentity(process.bootId(), process.pid(), process.startTicks(), "");
    }

    static boolean alive(ProcessIdentity process) {
        try {
            Optional<PidFd> opened = PidFd.open(process);
            if (opened.isPresent()) {
                opened.get().close();
            }
            return opened.isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException("process " + process.pid() + " cannot be looked at", e);
        }
    }

    static void kill(ProcessIdentity process) throws IOException {
        Optional<PidFd> opened = PidFd.open(process);
        if (opened.isPresent()) {
            try (PidFd handle = opened.get()) {
                handle.signal(Linux.SIGKILL);
                if (!handle.awaitExit(Duration.ofSeconds(10))) {
                    throw new IllegalStateException("process " + process.pid() + " does not die");
                }
            }
        }
    }

    List<String> doubleRuns(VmId id) {
        List<ProcessLife> lives = processes.lives().stream()
                .filter(life -> life.label().contains("/" + id + "."))
                .toList();
        var found = new ArrayList<String>();
        for (int i = 0; i < lives.size(); i++) {
            for (int j = i + 1; j < lives.size(); j++) {
                if (lives.get(i).ranTogetherWith(lives.get(j))) {
                    found.add("processes " + lives.get(i).pid() + " and "
                            + lives.get(j).pid() + " ran at once for "
                            + lives.get(i).spentTogetherWith(lives.get(j)));
                }
            }
        }
        return found;
    }

    /** Ends everything that was started, whatever state it is in, and leaves no file. */
    @Override
    public void close() throws IOException {
        // Interrupted or not, it waits for the end of what it ends.
        boolean interrupted = Thread.interrupted();
        try {
            end();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void end() throws IOException {
        try {
            agent.kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        coordinator.close();
        for (ProcessIdentity left : ProcessScan.withTag(place + "/")) {
            kill(left);
        }
        watcher.close();
        processes.close();
        ControlGroup.sweep(AgentDirectories.groupPrefix(place.resolve("s"), CrashGuest.HOST.value()));
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
