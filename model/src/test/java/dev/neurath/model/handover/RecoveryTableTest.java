package dev.neurath.model.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Generation;
import dev.neurath.model.handover.RecoveryOracle.Situation;
import dev.neurath.model.vm.Method;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecoveryTableTest {
    private static List<Situation> everything() {
        return RecoveryOracle.everySituation();
    }

    @Test
    void what_is_done_in_every_situation_is_what_follows_from_what_old_is() {
        assertThat(RecoveryOracle.disagreement(HandOverRules::next)).isEmpty();
    }

    @Test
    void whatever_is_seen_has_a_row_and_leads_to_a_step_or_an_ending() {
        for (Situation c : everything()) {
            HandOver next = Recovery.STANDARD.next(c.now(), c.sides());
            assertThat(next.step()).as(c::toString).isNotEqualTo(Step.OBSERVE);
        }
    }

    @Test
    void every_row_is_the_first_to_match_something() {
        var reached = new HashSet<String>();
        for (Situation c : everything()) {
            reached.add(Recovery.STANDARD.match(c.now(), c.sides()).number());
        }
        assertThat(reached)
                .containsExactlyInAnyOrderElementsOf(
                        Recovery.TABLE.stream().map(Recovery.Row::number).toList());
    }

    @Test
    void new_is_let_run_only_under_commit_with_old_frozen_or_dead() {
        for (Situation c : everything()) {
            if (Recovery.STANDARD.next(c.now(), c.sides()).step() == Step.CONT_NEW) {
                assertThat(c.now().mark()).as(c::toString).isEqualTo(Mark.COMMIT);
                assertThat(c.sides().old()).as(c::toString).isIn(OldStatus.FROZEN, OldStatus.DEAD);
                assertThat(c.sides().fresh()).as(c::toString).isEqualTo(NewStatus.STAGED);
            }
        }
    }

    @Test
    void old_is_let_run_only_under_undo_with_new_dead() {
        for (Situation c : everything()) {
            Step step = Recovery.STANDARD.next(c.now(), c.sides()).step();
            if (step == Step.CONT_OLD || step == Step.THAW_OLD) {
                assertThat(c.now().mark()).as(c::toString).isEqualTo(Mark.UNDO);
                assertThat(c.sides().fresh()).as(c::toString).isEqualTo(NewStatus.DEAD);
            }
            if (step == Step.CANCEL_OLD) {
                assertThat(c.now().mark()).as(c::toString).isEqualTo(Mark.UNDO);
            }
        }
    }

    @Test
    void both_found_running_are_frozen_and_left_to_a_human() {
        for (Mark mark : EnumSet.of(Mark.BEGIN, Mark.SWITCH, Mark.COMMIT, Mark.UNDO)) {
            HandOver now = HandOver.recovered(new Generation(2), Role.HAND_OVER, Method.SHARED_RAM, mark, true);
            var both = new Sides(true, OldStatus.RUNNING, NewStatus.RUN, false, false);
            HandOver marks = HandOverRules.next(now, new Input.Observed(both));
            assertThat(marks.step()).isEqualTo(Step.LOG_QUARANTINE);
            HandOver looks = HandOverRules.next(marks, Input.done());
            for (OldStatus old : OldStatus.values()) {
                for (NewStatus fresh : NewStatus.values()) {
                    HandOver freezes =
                            HandOverRules.next(looks, new Input.Observed(new Sides(true, old, fresh, false, false)));
                    assertThat(freezes.step()).isEqualTo(Step.FREEZE_BOTH);
                    assertThat(HandOverRules.next(freezes, Input.done()).ending())
                            .isEqualTo(Ending.DOUBLE_RUN);
                }
            }
        }
    }

    @Test
    void after_a_reboot_nothing_is_signalled() {
        for (Situation c : everything()) {
            Sides s = c.sides();
            var strangers = new Sides(false, s.old(), s.fresh(), s.shutdownSeen(), s.oldStood());
            HandOver next = Recovery.STANDARD.next(c.now(), strangers);
            assertThat(next.step()).isEqualTo(Step.LOG_DONE);
            assertThat(next.ending()).isEqualTo(Ending.GONE_WITH_HOST);
        }
    }
}
