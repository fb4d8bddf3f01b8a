package dev.neurath.model.handover;

import dev.neurath.model.handover.HandOver.ContProof;
import dev.neurath.model.vm.Method;

/**
 * The agent's step function: what to do next, given what came of the last step.
 *
 * <p>The way forward is straight; whatever goes wrong leads to OBSERVE and from there through {@link Recovery}'s table, live and after a restart
 * alike. It keeps: {@code cont} on new leaves only after COMMIT is written and old is seen frozen or dead; old is let run only after UNDO is written
 * and new is seen dead.
 */
public final class HandOverRules {
    private HandOverRules() {}

    /** @return the attempt with the step to be performed next */
    public static HandOver next(HandOver now, Input input) {
        return next(Recovery.STANDARD, now, input);
    }

    /** With another recovery table than the product's: for tests that prove what its rows are good for. */
    public static HandOver next(Recovery recovery, HandOver now, Input input) {
        return switch (input) {
            case Input.Done done -> done(now);
            case Input.Failed failed -> failed(now, failed);
            case Input.NotSent notSent -> notSent(now);
            case Input.ContRefused refused -> contRefused(now, refused);
            case Input.Observed observed -> recovery.next(now, observed.sides());
            case Input.SwitchOrdered ordered -> now.step() == Step.HOLD_READY ? now.at(Step.CHECK_GUEST) : now;
            case Input.CloseRequested close -> closeRequested(now, close);
        };
    }

    private static HandOver done(HandOver now) {
        return switch (now.step()) {
            case LOG_BEGIN -> now.marked(Mark.BEGIN).at(Step.CHECK_OLD);
            case CHECK_OLD -> now.at(Step.START_NEW);
            case START_NEW ->
                now.at(
                        now.role() == Role.HAND_OVER && now.method() == Method.CPR_TRANSFER
                                ? Step.OPEN_CHANNEL
                                : Step.CHECK_NEW);
            case OPEN_CHANNEL -> now.at(Step.CHECK_NEW);
            case CHECK_NEW -> {
                if (now.closing()) {
                    yield giveUp(now, "CLOSED", "The attempt was closed while it was being prepared.");
                }
                yield now.at(now.role() == Role.REHEARSAL ? Step.LOG_SWITCH : Step.HOLD_READY);
            }
            // HOLD_READY ends by an order, a close or the lease, never by itself.
            case HOLD_READY -> now;
            case CHECK_GUEST -> now.at(Step.LOG_SWITCH);
            case LOG_SWITCH ->
                now.marked(Mark.SWITCH).at(now.role() == Role.REHEARSAL ? Step.REHEARSE : Step.CONNECT_NEW);
            case CONNECT_NEW -> now.at(now.method() == Method.SHARED_RAM ? Step.SEND_OLD : Step.AWAIT_STAGED);
            case SEND_OLD -> now.at(Step.AWAIT_STAGED);
            case AWAIT_STAGED ->
                now.closing()
                        ? giveUp(now, "CLOSED", "The attempt was closed before its commit.")
                        : now.at(Step.LOG_COMMIT);
            case LOG_COMMIT -> logCommitDone(now.marked(Mark.COMMIT));
            case FREEZE_OLD -> freezeOldDone(now);
            case CONT_NEW -> now.proved(ContProof.NONE).at(Step.AWAIT_RUNNING);
            // Seen running: the table's row for it does the rest, and knows what to do if old is dead already.
            case AWAIT_RUNNING -> now.at(Step.KILL_OLD);
            case KILL_OLD -> now.trouble() == null ? now.ended(Ending.UPGRADED).at(Step.RESET_SURVIVOR) : observe(now);
            case REHEARSE ->
                now.closing() ? giveUp(now, "CLOSED", "The attempt was closed during its rehearsal.") : observe(now);
            case OBSERVE -> now;
            case LOG_UNDO -> observe(now.marked(Mark.UNDO));
            case CANCEL_OLD -> observe(now.cancelSent(true));
            case KILL_NEW, THAW_OLD, CONT_OLD -> observe(now);
            case LOG_QUARANTINE -> observe(now.marked(Mark.QUARANTINE));
            case FREEZE_BOTH -> now.ended(Ending.DOUBLE_RUN).at(Step.LOG_DONE);
            case WAIT -> observe(waited(now));
            case RESET_SURVIVOR -> now.at(Step.LOG_DONE);
            case LOG_DONE -> now.marked(Mark.DONE).at(now.ending() == Ending.UPGRADED ? Step.PUBLISH : Step.REPORT);
            case PUBLISH -> now.at(Step.REPORT);
            case REPORT, CLOSED -> now.at(Step.CLOSED);
        };
    }

    /** On the way forward old is frozen next. In recovery the table decides; new may run already, so nothing is proved. */
    private static HandOver logCommitDone(HandOver now) {
        return now.trouble() == null
                ? now.proved(ContProof.NEVER_SENT).at(Step.FREEZE_OLD)
                : observe(now.proved(ContProof.NONE));
    }

    private static HandOver freezeOldDone(HandOver now) {
        return now.trouble() == null && now.mark() == Mark.COMMIT ? now.at(Step.CONT_NEW) : observe(now);
    }

    /** What was refused before may be asked again: the lock may be free, and with old dead there is no other way. */
    private static HandOver waited(HandOver now) {
        HandOver again = now.cancelSent(false);
        return now.proof() == ContProof.REFUSED ? again.proved(ContProof.NONE) : again;
    }

    private static HandOver failed(HandOver now, Input.Failed failed) {
        HandOver troubled = now.troubled(failed.code(), failed.sentence());
        return switch (now.step()) {
            // Old cannot be stopped, and cont was not sent: going back is safe and quicker than insisting.
            case FREEZE_OLD ->
                now.proof() == ContProof.NEVER_SENT ? troubled.at(Step.LOG_UNDO) : troubled.at(Step.WAIT);
            // The record may or may not be there; taken for absent here, and the next incarnation sees an old that is
            // not frozen. In recovery old may be dead, so only the same record again helps.
            case LOG_COMMIT -> now.trouble() == null ? troubled.at(Step.LOG_UNDO) : troubled.at(Step.WAIT);
            // It may be there, and then nothing may lead forward any more: no look in between, only this record again.
            case LOG_UNDO -> troubled;
            case CONT_NEW -> troubled.proved(ContProof.NONE).at(Step.OBSERVE);
            case RESET_SURVIVOR -> now.at(Step.LOG_DONE);
            case PUBLISH -> now.at(Step.PUBLISH);
            case REPORT, CLOSED -> now;
            case LOG_DONE, LOG_QUARANTINE, CANCEL_OLD, KILL_NEW, THAW_OLD, CONT_OLD, KILL_OLD, FREEZE_BOTH ->
                troubled.at(Step.WAIT);
            case WAIT -> observe(waited(troubled));
            case OBSERVE -> troubled.at(Step.WAIT);
            // LOG_BEGIN too: an outcome is told only after a durable DONE, which raises FLOOR; before that the same
            // order
            // may begin the attempt once more.
            case LOG_BEGIN,
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
                    REHEARSE -> observe(troubled);
        };
    }

    private static HandOver notSent(HandOver now) {
        return now.troubled("NEW_DIED_STAGED", "The new QEMU was gone before it was told to run.")
                .at(Step.OBSERVE);
    }

    private static HandOver contRefused(HandOver now, Input.ContRefused refused) {
        return now.troubled("CONT_REFUSED", refused.sentence())
                .proved(ContProof.REFUSED)
                .at(Step.OBSERVE);
    }

    private static HandOver closeRequested(HandOver now, Input.CloseRequested close) {
        if (now.step() == Step.HOLD_READY) {
            return giveUp(now, close.code(), close.sentence());
        }
        return now.closing(close.code(), close.sentence());
    }

    private static HandOver giveUp(HandOver now, String code, String sentence) {
        return observe(now.troubled(code, sentence));
    }

    private static HandOver observe(HandOver now) {
        return now.at(Step.OBSERVE);
    }
}
