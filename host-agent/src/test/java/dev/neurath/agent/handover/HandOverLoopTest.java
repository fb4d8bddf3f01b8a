package dev.neurath.agent.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.OldStatus;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.Sides;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HandOverLoopTest {
    private static final Generation G = new Generation(3);
    private static final Sides OLD_RUNS = new Sides(true, OldStatus.RUNNING, NewStatus.DEAD, false, false);

    private final List<Step> performed = new ArrayList<>();

    private Input perform(HandOver attempt) {
        performed.add(attempt.step());
        return attempt.step() == Step.OBSERVE ? new Input.Observed(OLD_RUNS) : Input.done();
    }

    private HandOver run(HandOver from, HandOverSteps steps, HandOverLoop.Observer observer) {
        var loop = new HandOverLoop(new VmId("vm1"), from, steps, HoldPoints.NONE, Duration.ofMillis(1), observer);
        loop.run();
        return loop.attempt();
    }

    @Test
    void an_error_of_our_own_leads_to_a_look_at_both_sides_and_to_an_end() {
        HandOver end = run(
                HandOver.begin(G, Role.HAND_OVER, Method.SHARED_RAM),
                attempt -> {
                    if (attempt.step() == Step.CHECK_NEW) {
                        throw new IllegalStateException("an error of ours");
                    }
                    return perform(attempt);
                },
                attempt -> {});
        assertThat(end.step()).isEqualTo(Step.REPORT);
        assertThat(end.ending()).isEqualTo(Ending.AS_IT_WAS);
        assertThat(end.trouble())
                .isNotNull()
                .satisfies(trouble -> assertThat(trouble.code()).isEqualTo("INTERNAL"));
    }

    @Test
    void a_record_that_was_being_written_is_written_again_before_anything_is_looked_at() {
        var undo = new HandOver(
                G,
                Role.HAND_OVER,
                Method.SHARED_RAM,
                Step.LOG_UNDO,
                Mark.COMMIT,
                true,
                false,
                HandOver.ContProof.NEVER_SENT,
                false,
                0,
                new HandOver.Trouble("NEW_DIED", "It died."),
                null);
        var first = new ArrayList<>(List.of(new AssertionError("once")));
        HandOver end = run(
                undo,
                attempt -> {
                    Input input = perform(attempt);
                    if (!first.isEmpty()) {
                        throw first.removeFirst();
                    }
                    return input;
                },
                attempt -> {});
        assertThat(performed).startsWith(Step.LOG_UNDO, Step.LOG_UNDO, Step.OBSERVE);
        assertThat(end.ending()).isEqualTo(Ending.AS_IT_WAS);
        assertThat(end.trouble()).isEqualTo(undo.trouble());
    }

    @Test
    void the_end_is_told_although_the_first_telling_failed() {
        var told = new ArrayList<Step>();
        run(HandOver.recovered(G, Role.HAND_OVER, Method.SHARED_RAM, Mark.BEGIN, false), this::perform, attempt -> {
            told.add(attempt.step());
            if (attempt.step() == Step.REPORT
                    && told.stream().filter(step -> step == Step.REPORT).count() == 1) {
                throw new IllegalStateException("not heard");
            }
        });
        assertThat(told).endsWith(Step.REPORT, Step.REPORT);
    }
}
