package dev.neurath.chaos.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.ReleaseCatalog;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Linux guest with virtio devices, whose own state decides: the ring sizes it was booted with are refused by 11.1.3 or not. */
@Tag("qemu")
@Timeout(300)
class RehearsalTest {
    private static final VmId BORN_LATE = new VmId("born-on-10-0-13");
    private static final VmId BORN_EARLY = new VmId("born-on-10-0-2");

    @Test
    void a_guests_own_state_says_whether_it_can_go_where_a_machine_like_it_cannot() throws Exception {
        Release early = Releases.release("10.0.2", line -> {});
        Release late = Releases.release("10.0.13", line -> {});
        Release last = Releases.release("11.1.3", line -> {});
        ReleaseCatalog catalog = ReleaseCatalog.newBuilder()
                .addAllReleases(List.of(early, late, last))
                .build();
        try (var stage = new Stage(Stage.place(), place -> Stage.coordinator(place, catalog, false))) {
            for (VmId vm : List.of(BORN_LATE, BORN_EARLY)) {
                stage.start(CrashGuest.LINUX.spec(
                        stage.path(),
                        vm,
                        (vm.equals(BORN_LATE) ? late : early).getId(),
                        "pc-q35-10.0",
                        stage.lines(vm)));
            }
            stage.awaitBeating();
            upgrade(stage, BORN_EARLY, 1, early, late, Rehearsal.NONE);
            assertThat(stage.coordinator().vm(BORN_EARLY).lastEnd()).isNotInstanceOf(VmEvent.UpgradeRefused.class);

            QemuProcess before =
                    Objects.requireNonNull(stage.coordinator().vm(BORN_LATE).process());
            VmState refused = upgrade(stage, BORN_LATE, 1, late, last, Rehearsal.DECIDES);
            assertThat(refused.lastEnd()).isInstanceOfSatisfying(VmEvent.UpgradeRefused.class, end -> {
                assertThat(end.refusal().code()).isEqualTo("REHEARSAL_REFUSED");
                assertThat(end.refusal().sentence()).contains("vring.num 1024 exceeds allocated max 256");
            });
            assertThat(refused.process()).isEqualTo(before);

            VmState taken = upgrade(stage, BORN_EARLY, 2, late, last, Rehearsal.DECIDES);
            assertThat(taken.phase()).isEqualTo(VmPhase.STEADY);
            assertThat(Objects.requireNonNull(taken.revision()).version()).isEqualTo(last.getVersion());
            assertThat(stage.coordinator().vm(BORN_EARLY).lastEnd())
                    .isNotInstanceOfAny(VmEvent.UpgradeRefused.class, VmEvent.RolledBack.class);
            stage.agentSaid().lines().filter(line -> line.contains(" ended: ")).forEach(System.out::println);
            for (VmId vm : List.of(BORN_LATE, BORN_EARLY)) {
                var log = stage.beats(vm);
                assertThat(log.awaitBeatsAfter(log.mark(), Stage.BEATS, Stage.LIMIT))
                        .isTrue();
                assertThat(log.troubles()).isEmpty();
                assertThat(stage.doubleRuns(vm)).isEmpty();
                assertThat(stage.living(vm))
                        .containsExactly(Objects.requireNonNull(
                                        stage.coordinator().vm(vm).process())
                                .pid());
            }
        }
    }

    private static VmState upgrade(Stage stage, VmId vm, int number, Release from, Release to, Rehearsal rehearsal)
            throws Exception {
        stage.coordinator()
                .command(
                        vm,
                        new VmCommand.Upgrade(
                                new RolloutId("r-" + number),
                                0,
                                number,
                                new ReleaseId(to.getId()),
                                Method.SHARED_RAM,
                                from.getVersion(),
                                Stage.LIMIT,
                                rehearsal));
        stage.awaitAll(List.of(vm), "be upgraded or not", id -> {
            VmState state = stage.coordinator().vm(id);
            return state.attemptNumber() == number && !state.inFlight();
        });
        return stage.coordinator().vm(vm);
    }
}
