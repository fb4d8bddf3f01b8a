package dev.neurath.chaos.handover;

import dev.neurath.agent.process.ProcessIdentity;
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
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Several cells of one victim at once: a guest each, every hand-over held at its cell's step, then the victims are killed, the holds are lifted, and
 * what became of each guest is looked at from outside. The agent is a process of its own; QEMUs and guests are real.
 */
public final class CrashRun implements AutoCloseable {
    private final CrashGuest guest;
    private final Release from;
    private final Release to;
    private final String machine;
    private final Map<CrashCell, VmId> cells = new LinkedHashMap<>();
    private final Stage stage;
    private final CrashCoordinator coordinator;

    public CrashRun(List<CrashCell> tried, CrashGuest guest, Release from, Release to, String machine)
            throws IOException {
        this.guest = guest;
        this.from = from;
        this.to = to;
        this.machine = machine;
        tried.forEach(cell -> cells.put(cell, new VmId(cell.id())));
        ReleaseCatalog releases =
                ReleaseCatalog.newBuilder().addReleases(from).addReleases(to).build();
        boolean ofItsOwn = tried.getFirst().victim() == Victim.COORDINATOR;
        this.stage = new Stage(Stage.place(), place -> Stage.coordinator(place, releases, ofItsOwn));
        this.coordinator = stage.coordinator();
    }

    public List<CrashResult> run() throws IOException, InterruptedException {
        for (VmId vm : cells.values()) {
            stage.start(guest.spec(stage.path(), vm, from.getId(), machine, stage.lines(vm)));
        }
        stage.awaitBeating();
        Map<VmId, BeatLog.Mark> begun = new LinkedHashMap<>();
        Map<VmId, QemuProcess> old = new LinkedHashMap<>();
        for (Map.Entry<CrashCell, VmId> cell : cells.entrySet()) {
            VmId vm = cell.getValue();
            begun.put(vm, stage.beats(vm).mark());
            old.put(vm, Objects.requireNonNull(coordinator.vm(vm).process()));
            Files.writeString(
                    HeldSteps.request(stage.holds(), vm), cell.getKey().step().label());
            coordinator.command(
                    vm,
                    new VmCommand.Upgrade(
                            new RolloutId("r-1"),
                            0,
                            1,
                            new ReleaseId(to.getId()),
                            cell.getKey().method(),
                            from.getVersion(),
                            Stage.LIMIT));
        }
        stage.awaitAll(cells.values(), "be held", vm -> Files.exists(HeldSteps.reached(stage.holds(), vm)));
        CrashCell any = cells.keySet().iterator().next();
        long sessions = coordinator instanceof RulesCoordinator rules ? rules.sessions() : 0;
        killAll(any.victim(), old, true);
        Optional<Victim> atOnce = any.second().victim(false);
        if (atOnce.isPresent()) {
            killAll(atOnce.get(), old, true);
        }
        for (VmId vm : cells.values()) {
            Files.delete(HeldSteps.request(stage.holds(), vm));
        }
        stage.restartAgent();
        Optional<Victim> inRecovery = any.second().victim(true);
        if (inRecovery.isPresent()) {
            ((RulesCoordinator) coordinator).awaitSessionAfter(sessions, Stage.LIMIT);
            killAll(inRecovery.get(), old, false);
            stage.restartAgent();
        }
        stage.awaitAll(cells.values(), "come to rest", vm -> atRest(coordinator.vm(vm)));
        var results = new ArrayList<CrashResult>();
        for (Map.Entry<CrashCell, VmId> cell : cells.entrySet()) {
            results.add(result(cell.getKey(), cell.getValue(), begun));
        }
        return results;
    }

    /** A VM whose QEMU was killed after its attempt's end is not at rest until that is known too. */
    private static boolean atRest(VmState vm) {
        return switch (vm.phase()) {
            case STEADY -> vm.lastEnd() != null && vm.process() != null && Stage.alive(Stage.identity(vm.process()));
            case GONE, LOST, QUARANTINED -> true;
            default -> false;
        };
    }

    private void killAll(Victim victim, Map<VmId, QemuProcess> old, boolean mustLive)
            throws IOException, InterruptedException {
        switch (victim) {
            case AGENT -> stage.agent().kill();
            case OLD -> {
                for (QemuProcess process : old.values()) {
                    Stage.kill(Stage.identity(process));
                }
            }
            case NEW -> {
                for (VmId vm : cells.values()) {
                    List<ProcessIdentity> found = stage.newQemus(vm);
                    if (mustLive && found.isEmpty()) {
                        throw new IllegalStateException("there is no new QEMU of " + vm);
                    }
                    for (ProcessIdentity process : found) {
                        Stage.kill(process);
                    }
                }
            }
            case COORDINATOR -> ((CoordinatorProcess) coordinator).killAndRestart();
        }
    }

    private CrashResult result(CrashCell cell, VmId id, Map<VmId, BeatLog.Mark> begun)
            throws IOException, InterruptedException {
        VmState vm = coordinator.vm(id);
        CrashCell.End end = end(vm);
        BeatLog log = stage.beats(id);
        var problems = new ArrayList<String>(log.troubles());
        BeatLog.Mark ended = log.mark();
        long after = 0;
        if (end != CrashCell.End.LOST) {
            if (!log.awaitBeatsAfter(ended, Stage.BEATS, Duration.ofSeconds(30))) {
                problems.add("the guest does not beat on");
            }
            after = log.beatsAfter(ended);
            problems.addAll(
                    log.troubles().stream().filter(t -> !problems.contains(t)).toList());
            int pid = Objects.requireNonNull(vm.process()).pid();
            List<Integer> alive = stage.living(id);
            if (!alive.equals(List.of(pid))) {
                problems.add("processes " + alive + " live, and the VM is said to be " + pid);
            }
        } else if (!cell.mayEndLost()) {
            problems.add("LOST, though " + cell.victims() + " was not its sole owner");
        }
        if (vm.phase() == VmPhase.QUARANTINED) {
            problems.add("QUARANTINED: " + vm.trouble());
        }
        problems.addAll(stage.doubleRuns(id));
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
        stage.close();
    }
}
