package dev.neurath.model.handover;

import static dev.neurath.model.handover.Step.AWAIT_RUNNING;
import static dev.neurath.model.handover.Step.AWAIT_STAGED;
import static dev.neurath.model.handover.Step.CHECK_GUEST;
import static dev.neurath.model.handover.Step.CHECK_NEW;
import static dev.neurath.model.handover.Step.CHECK_OLD;
import static dev.neurath.model.handover.Step.CLOSED;
import static dev.neurath.model.handover.Step.CONNECT_NEW;
import static dev.neurath.model.handover.Step.CONT_NEW;
import static dev.neurath.model.handover.Step.FREEZE_OLD;
import static dev.neurath.model.handover.Step.HOLD_READY;
import static dev.neurath.model.handover.Step.KILL_OLD;
import static dev.neurath.model.handover.Step.LOG_BEGIN;
import static dev.neurath.model.handover.Step.LOG_COMMIT;
import static dev.neurath.model.handover.Step.LOG_DONE;
import static dev.neurath.model.handover.Step.LOG_SWITCH;
import static dev.neurath.model.handover.Step.LOG_UNDO;
import static dev.neurath.model.handover.Step.OBSERVE;
import static dev.neurath.model.handover.Step.OPEN_CHANNEL;
import static dev.neurath.model.handover.Step.PUBLISH;
import static dev.neurath.model.handover.Step.REHEARSE;
import static dev.neurath.model.handover.Step.REPORT;
import static dev.neurath.model.handover.Step.RESET_SURVIVOR;
import static dev.neurath.model.handover.Step.SEND_OLD;
import static dev.neurath.model.handover.Step.START_NEW;
import static dev.neurath.model.handover.Step.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Generation;
import dev.neurath.model.handover.HandOver.ContProof;
import dev.neurath.model.handover.HandOver.Trouble;
import dev.neurath.model.vm.Method;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The step function, step by step: the way forward, and where each failure leads. What recovery then does is RecoveryTableTest's. */
final class HandOverRulesTest {
    private static final Trouble EARLIER = new Trouble("EARLIER", "The first trouble is the cause.");

    private static HandOver begun(Role role, Method method) {
        return HandOver.begin(new Generation(2), role, method);
    }

    /** An attempt of which this much is known. */
    private static HandOver at(Step step, Mark mark, ContProof proof, @Nullable Trouble trouble) {
        HandOver h = begun(Role.HAND_OVER, Method.SHARED_RAM);
        return new HandOver(
                h.generation(), h.role(), h.method(), step, mark, true, false, proof, false, 0, trouble, null);
    }

    private static HandOver forward(Step step, Mark mark) {
        return at(step, mark, ContProof.NONE, null);
    }

    private static HandOver recovering(Step step, Mark mark) {
        return at(step, mark, ContProof.NONE, EARLIER);
    }

    private static HandOver done(HandOver now) {
        return HandOverRules.next(now, Input.done());
    }

    private static HandOver failed(HandOver now) {
        return HandOverRules.next(now, new Input.Failed("LATER", "It failed."));
    }

    /** @return each step that is performed, until the end or a look at both processes */
    private static List<Step> straight(HandOver h) {
        var steps = new ArrayList<Step>();
        HandOver now = h;
        while (now.step() != CLOSED && now.step() != OBSERVE) {
            steps.add(now.step());
            assertThat(steps).as("ends").hasSizeLessThan(40);
            now = now.step() == HOLD_READY ? HandOverRules.next(now, new Input.SwitchOrdered()) : done(now);
            assertThat(now.trouble()).as("nothing went wrong").isNull();
        }
        steps.add(now.step());
        return steps;
    }

    @Test
    void a_hand_over_by_shared_ram_goes_this_way_when_nothing_goes_wrong() {
        assertThat(straight(begun(Role.HAND_OVER, Method.SHARED_RAM)))
                .containsExactly(
                        LOG_BEGIN,
                        CHECK_OLD,
                        START_NEW,
                        CHECK_NEW,
                        HOLD_READY,
                        CHECK_GUEST,
                        LOG_SWITCH,
                        CONNECT_NEW,
                        SEND_OLD,
                        AWAIT_STAGED,
                        LOG_COMMIT,
                        FREEZE_OLD,
                        CONT_NEW,
                        AWAIT_RUNNING,
                        KILL_OLD,
                        RESET_SURVIVOR,
                        LOG_DONE,
                        PUBLISH,
                        REPORT,
                        CLOSED);
    }

    @Test
    void a_hand_over_by_cpr_transfer_opens_its_channel_first_and_is_sent_by_connecting() {
        assertThat(straight(begun(Role.HAND_OVER, Method.CPR_TRANSFER)))
                .containsExactly(
                        LOG_BEGIN,
                        CHECK_OLD,
                        START_NEW,
                        OPEN_CHANNEL,
                        CHECK_NEW,
                        HOLD_READY,
                        CHECK_GUEST,
                        LOG_SWITCH,
                        CONNECT_NEW,
                        AWAIT_STAGED,
                        LOG_COMMIT,
                        FREEZE_OLD,
                        CONT_NEW,
                        AWAIT_RUNNING,
                        KILL_OLD,
                        RESET_SURVIVOR,
                        LOG_DONE,
                        PUBLISH,
                        REPORT,
                        CLOSED);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void a_rehearsal_never_waits_opens_no_channel_and_ends_in_recovery(Method method) {
        assertThat(straight(begun(Role.REHEARSAL, method)))
                .containsExactly(LOG_BEGIN, CHECK_OLD, START_NEW, CHECK_NEW, LOG_SWITCH, REHEARSE, OBSERVE);
    }

    @Test
    void each_record_is_the_mark_from_then_on() {
        assertThat(done(begun(Role.HAND_OVER, Method.SHARED_RAM)).mark()).isEqualTo(Mark.BEGIN);
        HandOver switched = done(begun(Role.REHEARSAL, Method.SHARED_RAM).at(LOG_SWITCH));
        assertThat(switched.mark()).isEqualTo(Mark.SWITCH);
        assertThat(switched.switched()).isTrue();
        assertThat(done(forward(LOG_COMMIT, Mark.SWITCH)).mark()).isEqualTo(Mark.COMMIT);
        assertThat(done(recovering(LOG_UNDO, Mark.COMMIT)).mark()).isEqualTo(Mark.UNDO);
        assertThat(done(recovering(Step.LOG_QUARANTINE, Mark.COMMIT)).mark()).isEqualTo(Mark.QUARANTINE);
        HandOver over = done(recovering(LOG_DONE, Mark.UNDO).ended(Ending.AS_IT_WAS));
        assertThat(over.mark()).isEqualTo(Mark.DONE);
        assertThat(over.switched()).as("what came before stays known").isTrue();
    }

    @Test
    void only_an_upgrade_takes_the_public_names() {
        for (Ending ending : Ending.values()) {
            HandOver next = done(recovering(LOG_DONE, Mark.COMMIT).ended(ending));
            assertThat(next.step()).as(ending.name()).isEqualTo(ending == Ending.UPGRADED ? PUBLISH : REPORT);
        }
    }

    @Test
    void in_recovery_every_step_is_followed_by_a_look() {
        for (Step step : List.of(
                LOG_COMMIT,
                FREEZE_OLD,
                KILL_OLD,
                LOG_UNDO,
                Step.CANCEL_OLD,
                Step.KILL_NEW,
                Step.THAW_OLD,
                Step.CONT_OLD,
                Step.LOG_QUARANTINE,
                WAIT)) {
            assertThat(done(recovering(step, Mark.COMMIT)).step())
                    .as(step.label())
                    .isEqualTo(OBSERVE);
        }
        assertThat(done(recovering(KILL_OLD, Mark.COMMIT)).ending()).isNull();
        assertThat(done(forward(KILL_OLD, Mark.COMMIT)).ending()).isEqualTo(Ending.UPGRADED);
        assertThat(done(forward(FREEZE_OLD, Mark.SWITCH)).step()).isEqualTo(OBSERVE);
        assertThat(done(recovering(Step.FREEZE_BOTH, Mark.QUARANTINE)))
                .isEqualTo(recovering(LOG_DONE, Mark.QUARANTINE).ended(Ending.DOUBLE_RUN));
    }

    @Test
    void a_look_a_hold_and_what_is_closed_do_not_end_by_themselves() {
        for (Step step : List.of(HOLD_READY, OBSERVE)) {
            assertThat(done(forward(step, Mark.BEGIN))).isEqualTo(forward(step, Mark.BEGIN));
        }
        for (Step step : List.of(REPORT, CLOSED)) {
            assertThat(failed(forward(step, Mark.DONE))).isEqualTo(forward(step, Mark.DONE));
        }
        assertThat(done(forward(CLOSED, Mark.DONE)).step()).isEqualTo(CLOSED);
    }

    @Test
    void whatever_fails_before_the_pivot_leads_to_a_look() {
        for (Step step : List.of(
                LOG_BEGIN,
                CHECK_OLD,
                START_NEW,
                OPEN_CHANNEL,
                CHECK_NEW,
                HOLD_READY,
                CHECK_GUEST,
                LOG_SWITCH,
                CONNECT_NEW,
                SEND_OLD,
                AWAIT_STAGED,
                AWAIT_RUNNING,
                REHEARSE)) {
            HandOver next = failed(forward(step, Mark.SWITCH));
            assertThat(next.step()).as(step.label()).isEqualTo(OBSERVE);
            assertThat(next.trouble()).isEqualTo(new Trouble("LATER", "It failed."));
            assertThat(next.mark())
                    .as("a record that failed is taken for absent")
                    .isEqualTo(Mark.SWITCH);
        }
    }

    @Test
    void the_first_trouble_is_the_cause() {
        for (Step step : EnumSet.complementOf(EnumSet.of(RESET_SURVIVOR, PUBLISH, REPORT, CLOSED))) {
            assertThat(failed(recovering(step, Mark.SWITCH)).trouble())
                    .as(step.label())
                    .isEqualTo(EARLIER);
        }
    }

    @Test
    void what_fails_in_recovery_is_waited_for() {
        for (Step step : List.of(
                LOG_DONE,
                Step.LOG_QUARANTINE,
                Step.CANCEL_OLD,
                Step.KILL_NEW,
                Step.THAW_OLD,
                Step.CONT_OLD,
                KILL_OLD,
                Step.FREEZE_BOTH,
                OBSERVE,
                LOG_COMMIT,
                FREEZE_OLD)) {
            assertThat(failed(recovering(step, Mark.COMMIT)).step())
                    .as(step.label())
                    .isEqualTo(WAIT);
        }
    }

    @Test
    void a_commit_that_failed_on_the_way_forward_is_undone_and_a_failed_undo_is_written_again() {
        assertThat(failed(forward(LOG_COMMIT, Mark.SWITCH)).step()).isEqualTo(LOG_UNDO);
        HandOver again = failed(forward(LOG_UNDO, Mark.SWITCH));
        assertThat(again.step()).isEqualTo(LOG_UNDO);
        assertThat(again.trouble()).extracting(Trouble::code).isEqualTo("LATER");
        assertThat(failed(recovering(LOG_UNDO, Mark.COMMIT))).isEqualTo(recovering(LOG_UNDO, Mark.COMMIT));
    }

    @Test
    void an_old_that_cannot_be_frozen_is_gone_back_to_while_cont_was_certainly_not_sent() {
        assertThat(failed(at(FREEZE_OLD, Mark.COMMIT, ContProof.NEVER_SENT, null))
                        .step())
                .isEqualTo(LOG_UNDO);
        for (ContProof proof : EnumSet.complementOf(EnumSet.of(ContProof.NEVER_SENT))) {
            assertThat(failed(at(FREEZE_OLD, Mark.COMMIT, proof, null)).step()).isEqualTo(WAIT);
        }
    }

    @Test
    void that_cont_was_never_sent_is_known_from_our_own_commit_until_it_may_have_been_sent() {
        assertThat(done(forward(LOG_COMMIT, Mark.SWITCH)).proof()).isEqualTo(ContProof.NEVER_SENT);
        assertThat(done(at(LOG_COMMIT, Mark.SWITCH, ContProof.NEVER_SENT, EARLIER))
                        .proof())
                .isEqualTo(ContProof.NONE);
        HandOver before = at(CONT_NEW, Mark.COMMIT, ContProof.NEVER_SENT, null);
        assertThat(done(before).proof()).isEqualTo(ContProof.NONE);
        HandOver perhaps = failed(before);
        assertThat(perhaps.proof()).isEqualTo(ContProof.NONE);
        assertThat(perhaps.step()).isEqualTo(OBSERVE);
        HandOver certainly = HandOverRules.next(before, new Input.NotSent());
        assertThat(certainly.proof()).isEqualTo(ContProof.NEVER_SENT);
        assertThat(certainly.step()).isEqualTo(OBSERVE);
        assertThat(certainly.trouble()).extracting(Trouble::code).isEqualTo("NEW_DIED_STAGED");
    }

    @Test
    void a_refusal_is_remembered_until_the_next_wait_is_over() {
        HandOver refused = HandOverRules.next(forward(AWAIT_RUNNING, Mark.COMMIT), new Input.ContRefused("Locked."));
        assertThat(refused.proof()).isEqualTo(ContProof.REFUSED);
        assertThat(refused.step()).isEqualTo(OBSERVE);
        assertThat(refused.trouble()).isEqualTo(new Trouble("CONT_REFUSED", "Locked."));
        HandOver waits = at(WAIT, Mark.COMMIT, ContProof.REFUSED, EARLIER);
        for (HandOver after : List.of(done(waits), failed(waits))) {
            assertThat(after.proof()).isEqualTo(ContProof.NONE);
            assertThat(after.step()).isEqualTo(OBSERVE);
        }
        HandOver unsent = at(WAIT, Mark.COMMIT, ContProof.NEVER_SENT, EARLIER);
        assertThat(done(unsent).proof()).as("waiting sends nothing").isEqualTo(ContProof.NEVER_SENT);
    }

    @Test
    void a_migration_is_cancelled_once_between_two_waits() {
        HandOver cancelled = done(recovering(Step.CANCEL_OLD, Mark.UNDO));
        assertThat(cancelled.cancelSent()).isTrue();
        assertThat(done(cancelled.at(WAIT)).cancelSent()).isFalse();
        assertThat(failed(cancelled.at(WAIT)).cancelSent()).isFalse();
    }

    @Test
    void capabilities_of_the_survivor_are_best_effort_and_public_names_are_not() {
        assertThat(failed(forward(RESET_SURVIVOR, Mark.UNDO))).isEqualTo(forward(LOG_DONE, Mark.UNDO));
        assertThat(failed(forward(PUBLISH, Mark.DONE))).isEqualTo(forward(PUBLISH, Mark.DONE));
    }

    @Test
    void a_switch_is_obeyed_by_what_stands_ready_and_by_nothing_else() {
        for (Step step : Step.values()) {
            HandOver now = forward(step, Mark.BEGIN);
            HandOver next = HandOverRules.next(now, new Input.SwitchOrdered());
            assertThat(next).isEqualTo(step == HOLD_READY ? now.at(CHECK_GUEST) : now);
        }
    }

    /** From COMMIT on only forward: a close that comes later is answered by the outcome. */
    @Test
    void a_close_ends_what_stands_ready_and_otherwise_waits_for_the_next_point_of_return() {
        for (Step step : Step.values()) {
            HandOver next =
                    HandOverRules.next(forward(step, Mark.BEGIN), new Input.CloseRequested("CANCELLED", "Why."));
            if (step == HOLD_READY) {
                assertThat(next.step()).isEqualTo(OBSERVE);
                assertThat(next.trouble()).isEqualTo(new Trouble("CANCELLED", "Why."));
            } else {
                assertThat(next.step()).isEqualTo(step);
                assertThat(next.closing()).as(step.label()).isTrue();
                assertThat(next.trouble())
                        .as("an attempt that ends well was not troubled")
                        .isNull();
            }
        }
        Set<Step> pointsOfReturn = EnumSet.of(CHECK_NEW, AWAIT_STAGED);
        for (Step step : EnumSet.range(LOG_BEGIN, AWAIT_RUNNING)) {
            HandOver closing = forward(step, Mark.COMMIT).closing("CANCELLED", "Why.");
            if (step != HOLD_READY) {
                assertThat(done(closing).step() == OBSERVE).as(step.label()).isEqualTo(pointsOfReturn.contains(step));
            }
        }
        for (Step step : pointsOfReturn) {
            assertThat(done(forward(step, Mark.SWITCH).closing("CANCELLED", "Why."))
                            .trouble())
                    .extracting(Trouble::code)
                    .isEqualTo("CLOSED");
        }
    }

    @Test
    void an_attempt_found_in_the_log_is_looked_at_first_and_proves_nothing() {
        HandOver found = HandOver.recovered(new Generation(2), Role.HAND_OVER, Method.SHARED_RAM, Mark.COMMIT, true);
        assertThat(found.step()).isEqualTo(OBSERVE);
        assertThat(found.proof()).isEqualTo(ContProof.NONE);
        assertThat(found.closing()).isTrue();
        assertThat(found.cancelSent()).isFalse();
        assertThat(found.trouble()).extracting(Trouble::code).isEqualTo("AGENT_RESTARTED");
        HandOver fresh = begun(Role.HAND_OVER, Method.SHARED_RAM);
        assertThat(fresh.switched()).isFalse();
        assertThat(fresh.closing()).isFalse();
        assertThat(fresh.cancelSent()).isFalse();
    }

    @Test
    void the_guest_may_stand_still_from_switch_to_the_ending_and_another_attempt_begins_after_the_report() {
        HandOver ready = begun(Role.HAND_OVER, Method.SHARED_RAM).at(HOLD_READY);
        assertThat(ready.inPause()).isFalse();
        assertThat(ready.marked(Mark.SWITCH).inPause()).isTrue();
        assertThat(ready.marked(Mark.SWITCH).ended(Ending.AS_IT_WAS).inPause()).isFalse();
        for (Mark mark : Mark.values()) {
            for (Step step : Step.values()) {
                HandOver h = forward(step, mark);
                assertThat(h.recorded()).isEqualTo(mark == Mark.DONE);
                assertThat(h.leavesTheHostAlone()).isEqualTo(mark == Mark.DONE && (step == REPORT || step == CLOSED));
            }
        }
    }

    private static HandOver known(
            Step step,
            Mark mark,
            boolean switched,
            boolean closing,
            ContProof proof,
            boolean sent,
            int waits,
            Ending e) {
        return new HandOver(
                new Generation(2),
                Role.REHEARSAL,
                Method.CPR_TRANSFER,
                step,
                mark,
                switched,
                closing,
                proof,
                sent,
                waits,
                EARLIER,
                e);
    }

    /** What an attempt knows is changed one thing at a time. */
    @Test
    void a_change_changes_one_thing() {
        var proof = ContProof.REFUSED;
        for (boolean on : new boolean[] {false, true}) {
            for (boolean closing : new boolean[] {false, true}) {
                for (boolean sent : new boolean[] {false, true}) {
                    HandOver h = known(WAIT, Mark.UNDO, on, closing, proof, sent, 3, Ending.LOST);
                    assertThat(h.at(OBSERVE))
                            .isEqualTo(known(OBSERVE, Mark.UNDO, on, closing, proof, sent, 3, Ending.LOST));
                    assertThat(h.marked(Mark.COMMIT))
                            .isEqualTo(known(WAIT, Mark.COMMIT, on, closing, proof, sent, 3, Ending.LOST));
                    assertThat(h.proved(ContProof.NONE))
                            .isEqualTo(known(WAIT, Mark.UNDO, on, closing, ContProof.NONE, sent, 3, Ending.LOST));
                    assertThat(h.cancelSent(!sent))
                            .isEqualTo(known(WAIT, Mark.UNDO, on, closing, proof, !sent, 3, Ending.LOST));
                    assertThat(h.ended(Ending.GONE))
                            .isEqualTo(known(WAIT, Mark.UNDO, on, closing, proof, sent, 3, Ending.GONE));
                    assertThat(h.withWaits(0))
                            .isEqualTo(known(WAIT, Mark.UNDO, on, closing, proof, sent, 0, Ending.LOST));
                    assertThat(h.closing("LATER", "Why."))
                            .isEqualTo(known(WAIT, Mark.UNDO, on, true, proof, sent, 3, Ending.LOST));
                    assertThat(h.troubled("LATER", "It failed.")).isEqualTo(h);
                }
            }
            assertThat(HandOver.recovered(new Generation(2), Role.HAND_OVER, Method.SHARED_RAM, Mark.UNDO, on)
                            .switched())
                    .isEqualTo(on);
        }
    }
}
