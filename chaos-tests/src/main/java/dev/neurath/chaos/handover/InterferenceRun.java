package dev.neurath.chaos.handover;

import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpLoop;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.testbed.beat.BeatLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Several cells at once: a guest each, every hand-over held at its cell's step until what the cell names has come in between. What became of each guest
 * is looked at from outside and held against the table.
 */
public final class InterferenceRun implements AutoCloseable {
    private static final Duration BEAT_LIMIT = Duration.ofSeconds(30);
    private static final Duration SHORT_PAUSE = Duration.ofSeconds(3);
    /** Of two busy cores, between the limit and the first beat after it. */
    private static final Duration SLACK = Duration.ofSeconds(8);
    /** From here on new was seen running, and that old is dead is all that is waited for. */
    private static final CrashStep KNOWN_TO_RUN = new CrashStep(Step.KILL_OLD.label());

    /** One cell while it is tried. */
    private static final class Trial {
        private final InterferenceCell cell;
        private final VmId vm;
        private final Release to;
        private final Interferer interferer;
        private final List<String> problems = new ArrayList<>();
        private BeatLog.Mark begun = new BeatLog.Mark(0, 0);
        private int oldPid;

        Trial(InterferenceCell cell, VmId vm, Release to, Interferer interferer) {
            this.cell = cell;
            this.vm = vm;
            this.to = to;
            this.interferer = interferer;
        }
    }

    private final Releases releases;
    private final QmpLoop loop = new QmpLoop();
    private final QmpConnector connector = new QmpConnector(loop);
    private final Map<VmId, Trial> trials = new LinkedHashMap<>();
    private final Stage stage;
    private final CrashCoordinator coordinator;

    public InterferenceRun(List<InterferenceCell> cells, Releases releases) throws IOException {
        this.releases = releases;
        Path place = Stage.place();
        var catalog = ReleaseCatalog.newBuilder().addReleases(releases.from()).addReleases(releases.to());
        Map<InterferenceCell, Release> targets = new LinkedHashMap<>();
        for (InterferenceCell cell : cells) {
            Release to = target(cell, place);
            targets.put(cell, to);
            if (!to.equals(releases.to())) {
                catalog.addReleases(to);
            }
        }
        this.stage = new Stage(place, at -> Stage.coordinator(at, catalog.build(), false));
        this.coordinator = stage.coordinator();
        // What is held in the middle of its stream stands still, and is not kept waiting for the others.
        cells.stream()
                .sorted(Comparator.comparing(
                        (InterferenceCell cell) -> !cell.step().equals(CrashStep.MID_STREAM)))
                .forEach(cell -> {
                    var vm = new VmId(cell.id());
                    trials.put(
                            vm,
                            new Trial(
                                    cell,
                                    vm,
                                    Objects.requireNonNull(targets.get(cell)),
                                    new Interferer(stage, cell, vm, connector)));
                });
    }

    /** A release that is to be damaged is a copy of its own. */
    private Release target(InterferenceCell cell, Path place) throws IOException {
        return switch (cell.by()) {
            case RELEASE_MISSING, RELEASE_WRONG_HASH, RELEASE_NOT_EXECUTABLE -> {
                Path copy = program(cell, place);
                String original = releases.to().getArgvPrefix(0);
                Files.copy(Path.of(original), copy, StandardCopyOption.COPY_ATTRIBUTES);
                var own = releases.to().toBuilder().setId(cell.id()).setArgvPrefix(0, copy.toString());
                for (int i = 0; i < own.getFilesCount(); i++) {
                    if (own.getFiles(i).getPath().equals(original)) {
                        own.setFiles(i, own.getFiles(i).toBuilder().setPath(copy.toString()));
                    }
                }
                yield own.build();
            }
            default -> releases.to();
        };
    }

    private static Path program(InterferenceCell cell, Path place) {
        return place.resolve(cell.id() + ".program");
    }

    public List<InterferenceResult> run() throws IOException, InterruptedException {
        for (Trial trial : trials.values()) {
            stage.start(CrashGuest.BEATING.spec(
                    stage.path(),
                    trial.vm,
                    releases.from().getId(),
                    releases.machine(),
                    stage.lines(trial.vm),
                    trial.interferer.disks()));
        }
        stage.awaitBeating();
        for (Trial trial : trials.values()) {
            begin(trial);
        }
        for (Trial trial : trials.values()) {
            stage.awaitAll(List.of(trial.vm), "be held", vm -> Files.exists(HeldSteps.reached(stage.holds(), vm)));
            trial.interferer.act();
            Files.delete(HeldSteps.request(stage.holds(), trial.vm));
        }
        for (Trial trial : trials.values()) {
            if (trial.interferer.passes()) {
                pass(trial);
            }
        }
        List<VmId> unsettled = stage.without(trials.keySet(), vm -> atRest(coordinator.vm(vm)));
        var results = new ArrayList<InterferenceResult>();
        for (Trial trial : trials.values()) {
            results.add(result(trial, !unsettled.contains(trial.vm)));
        }
        return results;
    }

    private void begin(Trial trial) throws IOException, InterruptedException {
        VmId vm = trial.vm;
        trial.begun = stage.beats(vm).mark();
        trial.oldPid = Objects.requireNonNull(coordinator.vm(vm).process()).pid();
        trial.interferer.prepare(program(trial.cell, stage.path()));
        Files.writeString(HeldSteps.request(stage.holds(), vm), HeldSteps.undisturbed(trial.cell.step()));
        coordinator.command(
                vm,
                new VmCommand.Upgrade(
                        new RolloutId("r-1"),
                        0,
                        1,
                        new ReleaseId(trial.to.getId()),
                        trial.cell.method(),
                        releases.from().getVersion(),
                        pauseLimit(trial.cell)));
    }

    /** While it lasts nothing may be said of the attempt's end, for nobody can know it. */
    private void pass(Trial trial) throws IOException, InterruptedException {
        trial.interferer.awaitMet();
        VmState during = coordinator.vm(trial.vm);
        boolean known =
                trial.cell.by() == Interference.NEW_STALLS && trial.cell.step().order() >= KNOWN_TO_RUN.order();
        if (!known && !during.inFlight()) {
            trial.problems.add("told " + during.lastEnd() + " before it could be known");
        }
        if (trial.cell.by() == Interference.DISK_FULL
                && !stage.beats(trial.vm).awaitBeatsAfter(stage.beats(trial.vm).mark(), Stage.BEATS, BEAT_LIMIT)) {
            trial.problems.add("the guest does not beat while the agent's disk is full");
        }
        trial.interferer.lift();
    }

    private static boolean atRest(VmState vm) {
        return switch (vm.phase()) {
            case STEADY ->
                vm.lastEnd() != null
                        && vm.process() != null
                        && Stage.alive(Stage.identity(Objects.requireNonNull(vm.process())));
            case GONE, LOST, QUARANTINED -> true;
            default -> false;
        };
    }

    private InterferenceResult result(Trial trial, boolean settled) throws IOException, InterruptedException {
        VmState vm = coordinator.vm(trial.vm);
        BeatLog log = stage.beats(trial.vm);
        trial.interferer.close();
        GuestAfterwards guest = new GuestAfterwards(stage, trial.vm, vm, connector, settled);
        Fate fate = guest.look(trial.oldPid);
        trial.problems.addAll(guest.problems());
        if (!settled) {
            trial.problems.add("still " + vm.phase() + " after " + Stage.LIMIT);
        }
        if (!trial.cell.row().fates().contains(fate)) {
            trial.problems.add(
                    0, fate + " is not what the table says: " + trial.cell.row().why());
        }
        String told = String.valueOf(vm.lastEnd());
        if (!Pattern.compile(trial.cell.row().told()).matcher(told).find()) {
            trial.problems.add("told " + told + " and not " + trial.cell.row().told());
        }
        Duration stillAtMost = pauseLimit(trial.cell).plus(SLACK);
        if (fate == Fate.AS_IT_WAS
                && trial.cell.by() == Interference.NEW_HANGS
                && log.largestGapSince(trial.begun).compareTo(stillAtMost) > 0) {
            trial.problems.add("the guest stood still for longer than " + stillAtMost);
        }
        trial.problems.addAll(stage.doubleRuns(trial.vm));
        return new InterferenceResult(
                trial.cell,
                fate,
                told,
                fate.lives() ? Optional.of(log.largestGapSince(trial.begun)) : Optional.empty(),
                guest.beats(),
                trial.problems);
    }

    /** What hangs is given up by this limit, and so it is tried with one that a test can wait for. */
    private static Duration pauseLimit(InterferenceCell cell) {
        return cell.by() == Interference.NEW_HANGS ? SHORT_PAUSE : Stage.LIMIT;
    }

    /** Ends everything that was started, whatever state it is in, and leaves no file. */
    @Override
    public void close() throws IOException {
        try {
            for (Trial trial : trials.values()) {
                trial.interferer.close();
            }
        } finally {
            loop.close();
            stage.close();
        }
    }
}
