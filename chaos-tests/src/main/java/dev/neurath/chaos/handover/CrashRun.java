package dev.neurath.chaos.handover;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.vm.AgentDirectories;
import dev.neurath.model.Actor;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.Release;
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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Several cells of one victim at once: a guest each, every hand-over held at its cell's step, then the victims are killed, the holds are lifted, and
 * what became of each guest is looked at from outside. The agent is a process of its own; QEMUs and guests are real.
 */
public final class CrashRun implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long BEATS = 20;

    private final Path place;
    private final Path holds;
    private final CrashGuest guest;
    private final CrashCoordinator coordinator;
    private final Release from;
    private final Release to;
    private final String machine;
    private final Map<CrashCell, VmId> cells = new LinkedHashMap<>();
    private final Map<VmId, BeatLog> beats = new LinkedHashMap<>();
    private final BeatWatcher watcher = BeatWatcher.start();
    private final ProcessWatch processes = ProcessWatch.start();
    private JavaProcess agent;

    public CrashRun(List<CrashCell> tried, CrashGuest guest, Release from, Release to, String machine)
            throws IOException, InterruptedException {
        this.guest = guest;
        this.from = from;
        this.to = to;
        this.machine = machine;
        this.place = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
        this.holds = Files.createDirectories(place.resolve("s").resolve("holds"));
        tried.forEach(cell -> cells.put(cell, new VmId(cell.id())));
        ReleaseCatalog releases =
                ReleaseCatalog.newBuilder().addReleases(from).addReleases(to).build();
        this.coordinator = tried.getFirst().victim() == Victim.COORDINATOR
                ? new CoordinatorProcess(place.resolve("c"), CrashGuest.HOST, releases)
                : new RulesCoordinator(CrashGuest.HOST, releases);
        this.agent = startAgent();
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

    public List<CrashResult> run() throws IOException, InterruptedException {
        for (VmId vm : cells.values()) {
            start(vm);
        }
        awaitAll("run", vm -> coordinator.vm(vm).phase() == VmPhase.STEADY);
        for (BeatLog log : beats.values()) {
            if (!log.awaitBeatsAfter(log.mark(), BEATS, LIMIT)) {
                throw new IllegalStateException("a guest does not beat within " + LIMIT + " of its start");
            }
        }
        Map<VmId, BeatLog.Mark> begun = new LinkedHashMap<>();
        Map<VmId, QemuProcess> old = new LinkedHashMap<>();
        for (Map.Entry<CrashCell, VmId> cell : cells.entrySet()) {
            VmId vm = cell.getValue();
            begun.put(vm, log(vm).mark());
            old.put(vm, Objects.requireNonNull(coordinator.vm(vm).process()));
            Files.writeString(HeldSteps.request(holds, vm), cell.getKey().step().label());
            coordinator.command(
                    vm,
                    new VmCommand.Upgrade(
                            new RolloutId("r-1"),
                            0,
                            1,
                            new ReleaseId(to.getId()),
                            cell.getKey().method(),
                            from.getVersion(),
                            LIMIT));
        }
        awaitAll("be held", vm -> Files.exists(HeldSteps.reached(holds, vm)));
        CrashCell any = cells.keySet().iterator().next();
        long sessions = coordinator instanceof RulesCoordinator rules ? rules.sessions() : 0;
        killAll(any.victim(), old, true);
        Optional<Victim> atOnce = any.second().victim(false);
        if (atOnce.isPresent()) {
            killAll(atOnce.get(), old, true);
        }
        for (VmId vm : cells.values()) {
            Files.delete(HeldSteps.request(holds, vm));
        }
        restartAgent();
        Optional<Victim> inRecovery = any.second().victim(true);
        if (inRecovery.isPresent()) {
            ((RulesCoordinator) coordinator).awaitSessionAfter(sessions, LIMIT);
            killAll(inRecovery.get(), old, false);
            restartAgent();
        }
        awaitAll("come to rest", vm -> atRest(coordinator.vm(vm)));
        var results = new ArrayList<CrashResult>();
        for (Map.Entry<CrashCell, VmId> cell : cells.entrySet()) {
            results.add(result(cell.getKey(), cell.getValue(), begun));
        }
        return results;
    }

    private void restartAgent() throws IOException {
        if (!agent.alive()) {
            agent = startAgent();
        }
    }

    private void start(VmId vm) throws IOException, InterruptedException {
        Path lines = place.resolve(vm + ".beats");
        processes.follow(place + "/" + vm + ".");
        coordinator.command(
                vm,
                new VmCommand.Start(guest.spec(place, vm, from.getId(), machine, lines), CrashGuest.HOST, Actor.LOCAL));
        beats.put(vm, watcher.watch(lines));
    }

    private BeatLog log(VmId vm) {
        return Objects.requireNonNull(beats.get(vm));
    }

    private interface OfVm {
        boolean holds(VmId vm);
    }

    private void awaitAll(String what, OfVm condition) throws InterruptedException {
        var waiting = new ArrayList<>(cells.values());
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!waiting.isEmpty()) {
            waiting.removeIf(condition::holds);
            if (!waiting.isEmpty()) {
                if (System.nanoTime() - end > 0) {
                    throw new IllegalStateException("these did not " + what + " within " + LIMIT + ": "
                            + waiting.stream()
                                    .map(vm -> coordinator.vm(vm).toString())
                                    .toList() + "; the agent said: " + agentSaid());
                }
                coordinator.repeat();
                await(() -> waiting.stream().anyMatch(condition::holds));
            }
        }
    }

    private String agentSaid() {
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

    /** A VM whose QEMU was killed after its attempt's end is not at rest until that is known too. */
    private static boolean atRest(VmState vm) {
        return switch (vm.phase()) {
            case STEADY -> vm.lastEnd() != null && vm.process() != null && alive(identity(vm.process()));
            case GONE, LOST, QUARANTINED -> true;
            default -> false;
        };
    }

    private void killAll(Victim victim, Map<VmId, QemuProcess> old, boolean mustLive)
            throws IOException, InterruptedException {
        switch (victim) {
            case AGENT -> agent.kill();
            case OLD -> {
                for (QemuProcess process : old.values()) {
                    kill(identity(process));
                }
            }
            case NEW -> {
                for (VmId vm : cells.values()) {
                    List<ProcessIdentity> found =
                            ProcessScan.withTag(vm + "." + coordinator.vm(vm).generation() + ".");
                    if (mustLive && found.isEmpty()) {
                        throw new IllegalStateException("there is no new QEMU of " + vm);
                    }
                    for (ProcessIdentity process : found) {
                        kill(process);
                    }
                }
            }
            case COORDINATOR -> ((CoordinatorProcess) coordinator).killAndRestart();
        }
    }

    private static ProcessIdentity identity(QemuProcess process) {
        return new ProcessIdentity(process.bootId(), process.pid(), process.startTicks(), "");
    }

    private static boolean alive(ProcessIdentity process) {
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

    private static void kill(ProcessIdentity process) throws IOException {
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

    private CrashResult result(CrashCell cell, VmId id, Map<VmId, BeatLog.Mark> begun)
            throws IOException, InterruptedException {
        VmState vm = coordinator.vm(id);
        CrashCell.End end = end(vm);
        BeatLog log = log(id);
        var problems = new ArrayList<String>(log.troubles());
        BeatLog.Mark ended = log.mark();
        long after = 0;
        if (end != CrashCell.End.LOST) {
            if (!log.awaitBeatsAfter(ended, BEATS, Duration.ofSeconds(30))) {
                problems.add("the guest does not beat on");
            }
            after = log.beatsAfter(ended);
            problems.addAll(
                    log.troubles().stream().filter(t -> !problems.contains(t)).toList());
            int pid = Objects.requireNonNull(vm.process()).pid();
            List<Integer> alive = ProcessScan.withTag(place + "/" + id + ".").stream()
                    .map(ProcessIdentity::pid)
                    .toList();
            if (!alive.equals(List.of(pid))) {
                problems.add("processes " + alive + " live, and the VM is said to be " + pid);
            }
        } else if (!cell.mayEndLost()) {
            problems.add("LOST, though " + cell.victims() + " was not its sole owner");
        }
        if (vm.phase() == VmPhase.QUARANTINED) {
            problems.add("QUARANTINED: " + vm.trouble());
        }
        problems.addAll(doubleRuns(id));
        return new CrashResult(
                cell,
                end,
                String.valueOf(vm.lastEnd()),
                end == CrashCell.End.LOST
                        ? Optional.empty()
                        : Optional.of(log.largestGapSince(Objects.requireNonNull(begun.get(id)))),
                after,
                problems);
    }

    private List<String> doubleRuns(VmId id) {
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

    private static CrashCell.End end(VmState vm) {
        if (vm.phase() == VmPhase.GONE || vm.phase() == VmPhase.LOST) {
            return CrashCell.End.LOST;
        }
        return vm.lastEnd() instanceof VmEvent.Verified || vm.lastEnd() instanceof VmEvent.GuestSilent
                ? CrashCell.End.UPGRADED
                : CrashCell.End.AS_IT_WAS;
    }

    /** Ends everything that was started, whatever state it is in, and leaves no file. */
    @Override
    public void close() throws IOException {
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
