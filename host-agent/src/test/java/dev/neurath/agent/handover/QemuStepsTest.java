package dev.neurath.agent.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.log.HandOverLog;
import dev.neurath.agent.log.LogDirectory;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.HandOverRules;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.OldStatus;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.Sides;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.Revision;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class QemuStepsTest {
    private static final Generation G = new Generation(7);
    private static final Attempt ATTEMPT = new Attempt(
            G, new RolloutId("r1"), 0, new ReleaseId("qemu-11"), Method.SHARED_RAM, "10.0.2", Duration.ofMillis(300));

    private Path place;
    private StandInQemu qemu;
    private HandOverLog log;

    private static final class Nothing implements QemuSteps.Effects {
        @Override
        public void becomes(Trial trial, QemuSide fresh, Outcome.Upgraded outcome) {}

        @Override
        public void publish(Trial trial) {}

        @Override
        public void discard(Trial trial) {}
    }

    @BeforeEach
    void start() throws Exception {
        place = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
        qemu = new StandInQemu(place);
        log = LogDirectory.open(place.resolve("state"), Optional.of(place)).of("vm1");
    }

    @AfterEach
    void end() throws Exception {
        qemu.close();
        log.close();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private QemuSteps steps() {
        var revision = new Revision(ATTEMPT.release(), "11.1.3", "bb");
        AgentVm record = AgentVm.newBuilder()
                .setRevision(VmCodec.encode(new Revision(new ReleaseId("qemu-10"), "10.0.2", "aa")))
                .setGraph("machine \nvcpus 0")
                .build();
        var trial = new Trial(new VmId("vm1"), ATTEMPT, revision, record, AttemptPaths.ofTag(place, "vm1.7.none"));
        return new QemuSteps(
                trial,
                new AttemptLog(log),
                qemu.side,
                qemu.connector,
                (t, holds) -> {
                    throw new IOException("nothing is started here");
                },
                new Nothing(),
                HoldPoints.NONE);
    }

    /** Performs what comes next until {@code last} was performed. */
    private static HandOver until(Step last, QemuSteps steps, HandOver from) throws InterruptedException {
        HandOver now = from;
        while (true) {
            Step step = now.step();
            now = HandOverRules.next(now, steps.perform(now));
            if (step == last) {
                return now;
            }
        }
    }

    @Test
    void an_attempts_pause_is_its_own_and_not_that_of_an_earlier_one_on_the_same_connection() throws Exception {
        qemu.said("STOP");
        qemu.said("RESUME");
        QemuSteps steps = steps();
        HandOver begun = HandOver.begin(G, Role.HAND_OVER, Method.SHARED_RAM);
        HandOver failed = HandOverRules.next(
                HandOverRules.next(begun, steps.perform(begun)),
                new Input.Failed("STALE_PLAN", "not what was planned"));

        until(Step.LOG_DONE, steps, failed);

        Outcome outcome = new AttemptLog(log).lastDone().orElseThrow().outcome();
        assertThat(outcome).isInstanceOfSatisfying(Outcome.AsItWas.class, as -> {
            assertThat(as.pause()).isEqualTo(new Pause.None());
            assertThat(as.reason()).isEqualTo("STALE_PLAN");
        });
    }

    /** A migration stops the guest itself, and a later look cannot tell whose stop it was. */
    @ParameterizedTest
    @ValueSource(strings = {"STOP", "RESET"})
    void what_happened_to_the_guest_after_its_check_is_noticed_before_its_state_is_sent(String event) throws Exception {
        QemuSteps steps = steps();
        assertThat(steps.perform(at(Step.CHECK_OLD, Mark.BEGIN))).isEqualTo(Input.done());
        assertThat(steps.perform(at(Step.CHECK_GUEST, Mark.BEGIN))).isEqualTo(Input.done());
        long before = qemu.side.changes();
        qemu.says(event);
        assertThat(qemu.side.awaitNews(() -> qemu.side.changes() > before, Duration.ofSeconds(10)))
                .isTrue();

        assertThat(steps.perform(at(Step.SEND_OLD, Mark.SWITCH)))
                .isInstanceOfSatisfying(
                        Input.Failed.class, failed -> assertThat(failed.code()).isEqualTo("GUEST_CHANGED"));
    }

    @Test
    void a_connection_that_broke_before_this_attempt_is_nothing_to_it() throws Exception {
        qemu.breaksTheConnectionAndIsAskedAgain();
        QemuSteps steps = steps();
        assertThat(steps.perform(at(Step.CHECK_OLD, Mark.BEGIN))).isEqualTo(Input.done());
        assertThat(steps.perform(at(Step.CHECK_GUEST, Mark.BEGIN))).isEqualTo(Input.done());
        qemu.said("STOP");
        assertThat(steps.perform(committed())).isEqualTo(Input.done());
    }

    @Test
    void a_connection_that_broke_since_the_check_is_told_apart_from_a_change() throws Exception {
        QemuSteps steps = steps();
        assertThat(steps.perform(at(Step.CHECK_OLD, Mark.BEGIN))).isEqualTo(Input.done());
        qemu.breaksTheConnectionAndIsAskedAgain();
        assertThat(steps.perform(at(Step.CHECK_GUEST, Mark.BEGIN)))
                .isInstanceOfSatisfying(
                        Input.Failed.class, failed -> assertThat(failed.code()).isEqualTo("OLD_NOT_HEARD"));
    }

    /** A snapshot or a hot-plugged device is told by no event. */
    @Test
    void a_machine_that_was_changed_without_a_word_is_not_handed_over() throws Exception {
        QemuSteps steps = steps();
        assertThat(steps.perform(at(Step.CHECK_OLD, Mark.BEGIN))).isEqualTo(Input.done());
        qemu.answers("query-block", "[{\"device\": \"disk0\", \"inserted\": {\"node-name\": \"snapshot\"}}]");
        assertThat(steps.perform(at(Step.CHECK_GUEST, Mark.BEGIN)))
                .isInstanceOfSatisfying(
                        Input.Failed.class, failed -> assertThat(failed.code()).isEqualTo("GUEST_CHANGED"));
    }

    @Test
    void an_error_of_our_own_is_a_failed_step() throws Exception {
        QemuSteps steps = steps();
        assertThat(steps.perform(at(Step.HOLD_READY, Mark.BEGIN)))
                .isInstanceOfSatisfying(
                        Input.Failed.class, failed -> assertThat(failed.code()).isEqualTo("INTERNAL"));
    }

    private static HandOver committed() {
        return at(Step.FREEZE_OLD, Mark.COMMIT);
    }

    private static HandOver at(Step step, Mark mark) {
        return new HandOver(
                G,
                Role.HAND_OVER,
                Method.SHARED_RAM,
                step,
                mark,
                mark != Mark.BEGIN,
                false,
                HandOver.ContProof.NEVER_SENT,
                false,
                0,
                null,
                null);
    }

    @Test
    void old_that_is_frozen_and_has_said_nothing_stands_still() throws Exception {
        QemuSteps steps = steps();
        qemu.said("STOP");
        assertThat(steps.perform(committed())).isEqualTo(Input.done());
        assertThat(qemu.side.frozen()).isTrue();
    }

    /** Whether it lies in the socket or waits behind something that takes its time. */
    @ParameterizedTest
    @ValueSource(strings = {"RESUME", "SHUTDOWN", "RESET"})
    void what_old_said_before_it_was_frozen_is_heard_although_nobody_had_come_to_it(String lastWords) throws Exception {
        QemuSteps steps = steps();
        qemu.said("STOP");
        var goOn = new CompletableFuture<Void>();
        var busy = qemu.isNotListenedToUntil(goOn);
        qemu.says(lastWords);

        var frozen = CompletableFuture.supplyAsync(() -> performed(steps, committed()));
        while (!qemu.side.frozen()) {
            Thread.onSpinWait();
        }
        goOn.complete(null);

        assertThat(frozen.get(10, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Input.Failed.class, failed -> assertThat(failed.code()).isEqualTo("OLD_RAN"));
        busy.get(10, TimeUnit.SECONDS);
    }

    @Test
    void the_last_words_of_a_dead_old_are_heard_before_it_is_judged() throws Exception {
        QemuSteps steps = steps();
        qemu.said("STOP");
        var goOn = new CompletableFuture<Void>();
        var busy = qemu.isNotListenedToUntil(goOn);
        qemu.says("SHUTDOWN");
        qemu.dies();

        HandOver looks = HandOver.recovered(G, Role.HAND_OVER, Method.SHARED_RAM, Mark.SWITCH, true);
        var seen = CompletableFuture.supplyAsync(() -> performed(steps, looks));
        goOn.completeAsync(() -> null, CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS));

        assertThat(seen.get(10, TimeUnit.SECONDS))
                .isEqualTo(new Input.Observed(new Sides(true, OldStatus.DEAD, NewStatus.DEAD, true, true)));
        busy.get(10, TimeUnit.SECONDS);
    }

    @Test
    void frozen_on_a_connection_that_broke_is_no_proof_of_standing_still() throws Exception {
        QemuSteps steps = steps();
        qemu.said("STOP");
        qemu.breaksTheConnectionAndIsAskedAgain();
        assertThat(steps.perform(committed()))
                .isInstanceOfSatisfying(
                        Input.Failed.class, failed -> assertThat(failed.code()).isEqualTo("OLD_NOT_HEARD"));
    }

    private static Input performed(QemuSteps steps, HandOver attempt) {
        try {
            return steps.perform(attempt);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
