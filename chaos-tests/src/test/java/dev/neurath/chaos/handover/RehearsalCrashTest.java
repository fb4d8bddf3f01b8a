package dev.neurath.chaos.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A rehearsal in which somebody dies, at each of its steps: the guest goes on by itself, on exactly one QEMU. */
@Tag("qemu")
@Timeout(300)
class RehearsalCrashTest {
    private static final List<String> STEPS = Stream.of(
                    Step.LOG_BEGIN,
                    Step.CHECK_OLD,
                    Step.START_NEW,
                    Step.CHECK_NEW,
                    Step.LOG_SWITCH,
                    Step.REHEARSE,
                    Step.LOG_UNDO,
                    Step.KILL_NEW,
                    Step.CONT_OLD,
                    Step.RESET_SURVIVOR,
                    Step.LOG_DONE)
            .map(Step::label)
            .toList();

    private static final List<String> BEFORE_THE_VERDICT = STEPS.subList(0, STEPS.indexOf(Step.LOG_UNDO.label()));

    static Stream<Arguments> deaths() {
        return Stream.of(
                Arguments.of(
                        Victim.AGENT,
                        Stream.concat(STEPS.stream(), Stream.of(CrashStep.MID_STREAM.label()))
                                .toList()),
                Arguments.of(
                        Victim.NEW,
                        Stream.of(Step.CHECK_NEW, Step.LOG_SWITCH, Step.REHEARSE, Step.LOG_UNDO, Step.KILL_NEW)
                                .map(Step::label)
                                .toList()));
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void the_guest_goes_on_whoever_dies_in_a_rehearsal(Victim victim, List<String> steps) throws Exception {
        Releases releases = Releases.fetch("10.0.2", "11.1.3", line -> {});
        ReleaseCatalog catalog = ReleaseCatalog.newBuilder()
                .addReleases(releases.from())
                .addReleases(releases.to())
                .build();
        try (var stage = new Stage(Stage.place(), place -> Stage.coordinator(place, catalog, false))) {
            Map<VmId, String> held = new LinkedHashMap<>();
            for (String step : steps) {
                held.put(new VmId("vm-" + step), step);
            }
            for (VmId vm : held.keySet()) {
                stage.start(CrashGuest.BEATING.spec(
                        stage.path(), vm, releases.from().getId(), releases.machine(), stage.lines(vm)));
            }
            stage.awaitBeating();
            Map<VmId, QemuProcess> before = new LinkedHashMap<>();
            for (Map.Entry<VmId, String> cell : held.entrySet()) {
                VmId vm = cell.getKey();
                before.put(vm, Objects.requireNonNull(stage.coordinator().vm(vm).process()));
                Files.writeString(HeldSteps.request(stage.holds(), vm), cell.getValue());
                stage.coordinator()
                        .command(
                                vm,
                                new VmCommand.Upgrade(
                                        new RolloutId("r-1"),
                                        0,
                                        1,
                                        new ReleaseId(releases.to().getId()),
                                        Method.SHARED_RAM,
                                        releases.from().getVersion(),
                                        Stage.LIMIT,
                                        Rehearsal.DECIDES));
            }
            stage.awaitAll(held.keySet(), "be held", vm -> Files.exists(HeldSteps.reached(stage.holds(), vm)));
            kill(victim, stage, held);
            for (VmId vm : held.keySet()) {
                Files.delete(HeldSteps.request(stage.holds(), vm));
            }
            stage.restartAgent();
            stage.awaitAll(
                    held.keySet(),
                    "come to rest",
                    vm -> atRest(stage.coordinator().vm(vm)));
            for (VmId vm : held.keySet()) {
                assertThat(problems(stage, vm))
                        .as("%s, held at %s", vm, held.get(vm))
                        .isEmpty();
                if (victim == Victim.NEW && BEFORE_THE_VERDICT.contains(held.get(vm))) {
                    assertThat(stage.coordinator().vm(vm).process()).isEqualTo(before.get(vm));
                }
            }
        }
    }

    private static void kill(Victim victim, Stage stage, Map<VmId, String> held) throws Exception {
        if (victim == Victim.AGENT) {
            stage.agent().kill();
            return;
        }
        for (VmId vm : held.keySet()) {
            List<ProcessIdentity> found = stage.newQemus(vm);
            assertThat(found).as("throw-away of %s", vm).isNotEmpty();
            for (ProcessIdentity process : found) {
                Stage.kill(process);
            }
        }
    }

    private static boolean atRest(VmState vm) {
        return vm.phase() == VmPhase.STEADY ? vm.lastEnd() != null : !vm.inFlight();
    }

    private static List<String> problems(Stage stage, VmId id) throws IOException, InterruptedException {
        VmState vm = stage.coordinator().vm(id);
        BeatLog log = stage.beats(id);
        var problems = new ArrayList<String>(stage.doubleRuns(id));
        if (vm.phase() != VmPhase.STEADY || vm.process() == null) {
            problems.add("it is " + vm.phase() + " by " + vm.lastEnd());
            return problems;
        }
        if (!log.awaitBeatsAfter(log.mark(), Stage.BEATS, Duration.ofSeconds(30))) {
            problems.add("the guest does not beat on");
        }
        problems.addAll(log.troubles());
        List<Integer> alive = stage.living(id);
        if (!alive.equals(List.of(vm.process().pid()))) {
            problems.add("processes " + alive + " live, and the VM is "
                    + vm.process().pid());
        }
        return problems;
    }
}
