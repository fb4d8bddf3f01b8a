package dev.neurath.model.explorer;

import dev.neurath.model.Generation;
import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.HandOver.ContProof;
import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.OldStatus;
import dev.neurath.model.handover.QemuTable.Side;
import dev.neurath.model.handover.QemuTable.Status;
import dev.neurath.model.handover.QemuTable.Stimulus;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.Sides;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;

/**
 * The agent performing the step that the rules tell it to: what the step does to the world, and everything that may be answered to the rules.
 *
 * <p>A step's effect and its answer are one move: a crash between them leaves the same as a crash after both, since the answer changes nothing that
 * outlives the agent. An effect whose answer is lost is a move of its own.
 */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
final class StepMoves {
    private static final NewStatus[] NEW_STATUS = NewStatus.values();
    private static final OldStatus[] OLD_STATUS = OldStatus.values();
    /** First value of {@link Field#LOOK} that means a look at old. */
    private static final int LOOKED_AT_OLD = 8;

    private final Product product;
    private final Bounds bounds;
    private final QemuMoves qemu;

    StepMoves(Product product, Bounds bounds, QemuMoves qemu) {
        this.product = product;
        this.bounds = bounds;
        this.qemu = qemu;
    }

    void from(State s, Moves out) {
        HandOver h = product.attempt(s.get(Field.ATTEMPT));
        int g = (int) h.generation().value();
        switch (h.step()) {
            case LOG_BEGIN -> log(s, h, Mark.BEGIN, out);
            case CHECK_OLD ->
                check(s, h, Host.old(s) == Status.RUNNING && !s.is(Field.OLD_FROZEN), Field.FINGERPRINT_CHANGED, out);
            case START_NEW -> startNew(s, h, g, out);
            case OPEN_CHANNEL, SEND_OLD -> {
                Ghosts.effect(s, g, "migrate");
                tellOld(s, h, Stimulus.MIGRATE, out);
            }
            case CHECK_NEW -> answerIf(Host.fresh(s) == Status.DEFERRED, s, h, out);
            case HOLD_READY -> answer(s.copy(), h, Product.CLOSE, "the lease runs out", true, out);
            case CHECK_GUEST -> checkGuest(s, h, out);
            case LOG_SWITCH -> log(s, h, Mark.SWITCH, out);
            case CONNECT_NEW -> connectNew(s, h, g, out);
            case AWAIT_STAGED ->
                answerIf(
                        Host.old(s) == Status.POST && !s.is(Field.OLD_FROZEN) && Host.fresh(s) == Status.STAGED,
                        s,
                        h,
                        out);
            case LOG_COMMIT -> {
                if (!product.variant.has(Flaw.COMMIT_WAITS_FOR_A_MESSAGE)) {
                    commit(s, h, out);
                }
            }
            case FREEZE_OLD -> freezeOld(s, h, g, out);
            case CONT_NEW -> contNew(s, h, g, out);
            case AWAIT_RUNNING -> awaitRunning(s, h, out);
            case KILL_OLD -> {
                Ghosts.effect(s, g, "kill of old");
                Ghosts.killOld(s);
                answer(QemuMoves.kill(s.copy(), Side.OLD), h, Product.DONE, "old is killed", true, out);
                failed(s, h, out);
            }
            case REHEARSE -> rehearse(s, h, g, out);
            case OBSERVE -> observe(s, h, out);
            case LOG_UNDO -> log(s, h, Mark.UNDO, out);
            case CANCEL_OLD -> {
                Ghosts.effect(s, g, "migrate_cancel");
                if (Host.old(s).alive()) {
                    Ghosts.letsOldRun(s, "migrate_cancel");
                }
                tellOld(s, h, Stimulus.MIGRATE_CANCEL, out);
            }
            case KILL_NEW -> {
                Ghosts.effect(s, g, "kill of new");
                if (s.is(Field.OLD_SEEN_ALIVE)
                        && !Host.old(s).alive()
                        && !product.variant.has(Flaw.NEW_KILLED_WITHOUT_A_LOOK_AT_OLD)) {
                    answer(s.copy(), h, Product.FAILED, "old has died since the look", true, out);
                    return;
                }
                Ghosts.killNew(s);
                answer(QemuMoves.kill(s.copy(), Side.NEW), h, Product.DONE, "new is killed", true, out);
                failed(s, h, out);
            }
            case THAW_OLD -> thawOld(s, h, g, out);
            case CONT_OLD -> {
                Ghosts.effect(s, g, "cont of old");
                if (Host.old(s).alive()) {
                    Ghosts.contOld(s);
                }
                tellOld(s, h, Stimulus.CONT, out);
            }
            case LOG_QUARANTINE -> log(s, h, Mark.QUARANTINE, out);
            case FREEZE_BOTH -> {
                Ghosts.effect(s, g, "freezing both");
                State t = s.copy()
                        .set(Field.OLD_FROZEN, Host.old(s).alive())
                        .set(Field.NEW_FROZEN, Host.fresh(s).alive());
                answer(t, h, Product.DONE, "both are frozen", true, out);
                failed(s, h, out);
            }
            case WAIT, RESET_SURVIVOR, PUBLISH -> {
                if (h.step() == Step.PUBLISH && !Host.done(s)) {
                    throw new Breach("9", "new takes the public names before DONE is written");
                }
                answer(s.copy(), h, Product.DONE, "done", true, out);
                if (h.step() != Step.WAIT) {
                    failed(s, h, out);
                }
            }
            case LOG_DONE -> log(s, h, Mark.DONE, out);
            case REPORT -> report(s, h, g, out);
            case CLOSED -> out.to(forget(s.copy().set(Field.ATTEMPT, 0)), "the attempt is forgotten", true);
        }
    }

    /** The rules' answer, and what comes with arriving at the next step. */
    void answer(State t, HandOver h, int input, String label, boolean fair, Moves out) {
        arrive(t, product.next(t.get(Field.ATTEMPT), input));
        out.to(t, h.step().label() + ": " + label, fair);
    }

    private void arrive(State t, int attempt) {
        t.set(Field.ATTEMPT, attempt);
        HandOver now = product.attempt(attempt);
        int g = (int) now.generation().value();
        if (now.step() == Step.HOLD_READY && !Host.reported(t, FactKind.READY, g)) {
            Host.report(t, FactKind.READY, g);
        }
        boolean over = now.step() == Step.REPORT
                || (product.variant.has(Flaw.REPORT_BEFORE_DONE) && now.step() == Step.LOG_DONE);
        Ending ending = now.ending();
        if (over && ending != null && now.role() == Role.HAND_OVER) {
            Host.report(t, FactKind.of(ending), g);
        }
    }

    private void failed(State s, HandOver h, Moves out) {
        answer(s.copy(), h, Product.FAILED, "fails", false, out);
    }

    private void answerIf(boolean possible, State s, HandOver h, Moves out) {
        if (possible) {
            answer(s.copy(), h, Product.DONE, "done", true, out);
        }
        answer(s.copy(), h, Product.FAILED, "fails", !possible, out);
    }

    private void check(State s, HandOver h, boolean good, Field forgets, Moves out) {
        if (good) {
            answer(s.copy().set(forgets, false), h, Product.DONE, "done", true, out);
        }
        answer(s.copy(), h, Product.FAILED, "fails", !good, out);
    }

    private void checkGuest(State s, HandOver h, Moves out) {
        boolean running = Host.old(s) == Status.RUNNING || Host.old(s) == Status.SETUP;
        boolean same = running && !s.is(Field.FINGERPRINT_CHANGED);
        if (product.variant.has(Flaw.OWNERS_PAUSE_NOT_CHECKED)) {
            if (!same) {
                throw new Breach("16", "the guest is not the one that was checked");
            }
        }
        answerIf(same, s, h, out);
    }

    private void startNew(State s, HandOver h, int g, Moves out) {
        Ghosts.effect(s, g, "start of new");
        if (Host.fresh(s).alive()) {
            throw new Breach("12", "a second new is started beside a living one");
        }
        Status born = h.role() == Role.HAND_OVER && bounds.method() == Method.CPR_TRANSFER
                ? Status.STARTING
                : Status.DEFERRED;
        State t = s.copy()
                .set(Field.NEW, born.ordinal())
                .set(Field.NEW_CURRENT, false)
                .set(Field.THROW_AWAY, h.role() == Role.REHEARSAL);
        answer(t.copy(), h, Product.DONE, "started", true, out);
        answer(t, h, Product.FAILED, "started, and nobody knows", false, out);
        failed(s, h, out);
    }

    private void connectNew(State s, HandOver h, int g, Moves out) {
        Ghosts.effect(s, g, "migrate-incoming");
        if (Host.fresh(s) == Status.DEFERRED) {
            State t = s.copy().set(Field.NEW, Status.LISTENING.ordinal());
            answer(t.copy(), h, Product.DONE, "new listens", true, out);
            answer(t, h, Product.FAILED, "new listens, and nobody knows", false, out);
        }
        answer(s.copy(), h, Product.FAILED, "fails", Host.fresh(s) != Status.DEFERRED, out);
    }

    private void tellOld(State s, HandOver h, Stimulus command, Moves out) {
        boolean known = qemu.oldKnows(s, command);
        if (known) {
            qemu.tellOld(s, command, "", true, (t, label, fair) -> {
                answer(t.copy(), h, Product.DONE, "old is " + Host.old(t), true, out);
                answer(t, h, Product.FAILED, "old is " + Host.old(t) + ", and nobody knows", false, out);
            });
        }
        answer(s.copy(), h, Product.FAILED, "fails", !known, out);
    }

    private void freezeOld(State s, HandOver h, int g, Moves out) {
        Ghosts.effect(s, g, "SIGSTOP of old");
        if (product.variant.has(Flaw.NO_FREEZE)) {
            answer(s.copy(), h, Product.DONE, "old is left as it is", true, out);
            return;
        }
        State frozen = s.copy().set(Field.OLD_FROZEN, Host.old(s).alive());
        boolean sinceStaged = h.proof() == ContProof.NEVER_SENT;
        // After the last task is seen stopped, old's events are read to the end: RESUME is sent before the first
        // instruction of the guest.
        boolean eventRead = s.is(Field.FOREIGN_RUN) || s.is(Field.SHUTDOWN_SEEN);
        if (sinceStaged && eventRead) {
            answer(frozen.copy(), h, Product.FAILED, "frozen, and RESUME or SHUTDOWN was read", true, out);
        } else {
            answer(frozen.copy(), h, Product.DONE, "frozen", true, out);
            answer(frozen, h, Product.FAILED, "frozen, and not seen in time", false, out);
        }
        failed(s, h, out);
    }

    private void contNew(State s, HandOver h, int g, Moves out) {
        Ghosts.effect(s, g, "cont of new");
        if (!Host.fresh(s).alive()) {
            answer(s.copy(), h, Product.NOT_SENT, "new is gone, nothing left", true, out);
            return;
        }
        Ghosts.contNew(s);
        State sent = s.copy()
                .set(Field.CONT_QUEUED, Math.min(2, s.get(Field.CONT_QUEUED) + 1))
                .set(Field.CONT_REFUSED, false)
                .set(Field.CONT_PERHAPS, true);
        answer(sent.copy(), h, Product.DONE, "sent", true, out);
        answer(sent, h, Product.FAILED, "sent, and the connection breaks", false, out);
        State unsent = s.copy().set(Field.CONT_PERHAPS, true);
        answer(unsent, h, Product.FAILED, "perhaps sent: it was not", false, out);
    }

    private void awaitRunning(State s, HandOver h, Moves out) {
        if (Host.newRuns(s)) {
            answer(s.copy(), h, Product.DONE, "new runs", true, out);
        }
        boolean refused = s.is(Field.CONT_REFUSED) && Host.fresh(s) == Status.STAGED;
        if (refused) {
            answer(s.copy(), h, Product.REFUSED, "new refused", true, out);
        }
        answer(s.copy(), h, Product.FAILED, "no answer", !Host.fresh(s).alive(), out);
    }

    private void thawOld(State s, HandOver h, int g, Moves out) {
        Ghosts.effect(s, g, "SIGCONT of old");
        if (!s.is(Field.OLD_FROZEN)) {
            answer(s.copy(), h, Product.DONE, "nothing is frozen", true, out);
            return;
        }
        Ghosts.letsOldRun(s, "SIGCONT of old");
        State t = s.copy().set(Field.OLD_FROZEN, false);
        if (Host.old(s).guestRuns()) {
            Ghosts.oldRuns(t);
        }
        answer(t.copy(), h, Product.DONE, "thawed", true, out);
        answer(t, h, Product.FAILED, "thawed, and nobody knows", false, out);
        failed(s, h, out);
    }

    private void rehearse(State s, HandOver h, int g, Moves out) {
        Ghosts.effect(s, g, "rehearsal");
        if (Host.fresh(s) == Status.DEFERRED && Host.old(s) == Status.RUNNING) {
            State t = s.copy().set(Field.NEW, Status.LISTENING.ordinal());
            out.to(QemuMoves.oldTo(t, Status.ACTIVE), "rehearse: old sends to the reader", true);
        } else {
            answer(s.copy(), h, Product.DONE, "verdict", true, out);
        }
        failed(s, h, out);
    }

    private void report(State s, HandOver h, int g, Moves out) {
        Ending ending = h.ending();
        if (ending == null) {
            throw new Breach("10", "a report without an outcome");
        }
        FactKind outcome = FactKind.of(ending);
        if (h.role() == Role.REHEARSAL && !Host.reported(s, outcome, g)) {
            State t = s.copy();
            Host.report(t, outcome, g);
            out.to(t, "report: the rehearsal's verdict ends the attempt", true);
            if (ending == Ending.AS_IT_WAS && !h.closing()) {
                State on = s.copy()
                        .set(
                                Field.ATTEMPT,
                                product.number(HandOver.begin(new Generation(g), Role.HAND_OVER, h.method())));
                out.to(on, "report: the rehearsal's verdict is good, the hand-over begins", true);
            }
            return;
        }
        for (int i = 0; i < Host.facts(s); i++) {
            if (Host.kind(s, i) == outcome && Host.generation(s, i) == g && Host.acknowledged(s, i)) {
                answer(s.copy(), h, Product.DONE, "acknowledged", true, out);
                return;
            }
        }
    }

    void commit(State s, HandOver h, Moves out) {
        log(s, h, Mark.COMMIT, out);
    }

    private void log(State s, HandOver h, Mark mark, Moves out) {
        if (mark == Mark.UNDO) {
            Ghosts.undo(s);
        }
        boolean skipped = mark == Mark.BEGIN && product.variant.has(Flaw.BEGIN_AFTER_ITS_EFFECTS);
        State written = skipped ? s.copy() : AgentLog.write(s.copy(), h, mark);
        answer(written.copy(), h, Product.DONE, "written", true, out);
        if (s.is(Field.LOG_FAULTS_LEFT)) {
            State t = written.set(Field.LOG_FAULTS_LEFT, false);
            answer(t, h, Product.FAILED, "written, and an error", false, out);
            answer(s.copy().set(Field.LOG_FAULTS_LEFT, false), h, Product.FAILED, "not written", false, out);
        }
    }

    /** Old first or new first, and the world goes on between the two looks. Each side may fail to answer. */
    private void observe(State s, HandOver h, Moves out) {
        int look = s.get(Field.LOOK);
        if (look == 0) {
            lookAtNew(
                    s,
                    h,
                    (t, fresh, answered) ->
                            out.to(t.set(Field.LOOK, fresh.ordinal() + 1), "observe: new is " + fresh, answered));
            lookAtOld(
                    s,
                    (t, old, answered) -> out.to(
                            t.set(Field.LOOK, old.ordinal() + LOOKED_AT_OLD), "observe: old is " + old, answered));
        } else if (look < LOOKED_AT_OLD) {
            NewStatus fresh = NEW_STATUS[look - 1];
            lookAtOld(s, (t, old, answered) -> observed(t, old, fresh, answered, out));
        } else {
            OldStatus old = OLD_STATUS[look - LOOKED_AT_OLD];
            lookAtNew(s, h, (t, fresh, answered) -> observed(t, old, fresh, answered, out));
        }
    }

    private interface Look<T> {
        void seen(State t, T status, boolean answered);
    }

    private void lookAtOld(State s, Look<OldStatus> then) {
        OldStatus is = Host.looksAtOld(s, true);
        then.seen(s.copy().set(Field.OLD_HEARD, s.is(Field.OLD_HEARD) || is == OldStatus.POST), is, true);
        if (is != OldStatus.DEAD && is != OldStatus.FROZEN && is != OldStatus.MUTE) {
            then.seen(s.copy(), OldStatus.MUTE, false);
        }
    }

    private void lookAtNew(State s, HandOver h, Look<NewStatus> then) {
        Role role = product.variant.has(Flaw.THROW_AWAY_FLAG_IGNORED) ? Role.HAND_OVER : h.role();
        if (s.is(Field.CONT_QUEUED)
                && Host.fresh(s) == Status.STAGED
                && !product.variant.has(Flaw.STATUS_ON_AN_OLD_CONNECTION)) {
            // A status counts only behind whatever was sent before: it was carried out, or went down with its
            // connection.
            qemu.contQueued(s, (t, label, fair) -> {
                t.set(Field.CONT_REFUSED, false).set(Field.CONT_QUEUED, 0);
                then.seen(t, Host.looksAtNew(t, role, true), true);
            });
            State dropped = s.copy().set(Field.CONT_QUEUED, false);
            then.seen(dropped, Host.looksAtNew(dropped, role, true), true);
        } else {
            then.seen(s.copy(), Host.looksAtNew(s, role, true), true);
        }
        NewStatus is = Host.looksAtNew(s, role, true);
        NewStatus unanswered = Host.looksAtNew(s, role, false);
        if (is != unanswered) {
            then.seen(s.copy(), unanswered, false);
        }
    }

    private void observed(State t, OldStatus old, NewStatus fresh, boolean answered, Moves out) {
        boolean sameBoot = !t.is(Field.REBOOTED) || product.variant.has(Flaw.BOOT_ID_IGNORED);
        boolean strangers = t.is(Field.REBOOTED);
        boolean heard = t.is(Field.OLD_HEARD) || product.variant.has(Flaw.LAST_WORDS_NOT_READ);
        var sides = new Sides(
                sameBoot,
                strangers ? OldStatus.MUTE : old,
                strangers ? NewStatus.MUTE : fresh,
                t.is(Field.SHUTDOWN_SEEN),
                old == OldStatus.DEAD && heard);
        t.set(Field.OLD_SEEN_ALIVE, old != OldStatus.DEAD);
        HandOver before = product.attempt(t.get(Field.ATTEMPT));
        t.set(Field.LOOK, 0);
        arrive(t, product.observed(t.get(Field.ATTEMPT), sides));
        HandOver next = product.attempt(t.get(Field.ATTEMPT));
        boolean seenWhole = old == OldStatus.DEAD && Host.looksAtNew(t, before.role(), true) == fresh;
        if (seenWhole && before.role() == Role.HAND_OVER && next.step() == Step.KILL_NEW && !strangers) {
            Ghosts.givesNewUp(t, before.waits() > 0);
        }
        out.to(
                t,
                "observe: old %s, new %s -> %s"
                        .formatted(sides.old(), sides.fresh(), next.step().label()),
                answered);
    }

    /** The agent's next attempt knows one process: the survivor is old now. */
    static State forget(State t) {
        if (Host.done(t)
                && Host.ending(t) == Ending.UPGRADED
                && t.get(Field.OLD_REVISION) != t.get(Field.LOG_GENERATION) - 1) {
            Status survivor = Host.fresh(t).alive() ? Status.RUNNING : Status.EXITED;
            t.set(Field.OLD, survivor.ordinal())
                    .set(Field.OLD_FROZEN, false)
                    .set(Field.OLD_CURRENT, survivor.alive())
                    .set(Field.NEW, Status.EXITED.ordinal())
                    .set(Field.NEW_CURRENT, false)
                    .set(Field.OLD_REVISION, t.get(Field.LOG_GENERATION) - 1);
        }
        return t.set(Field.REHEARSED, false)
                .set(Field.OLD_HEARD, false)
                .set(Field.OLD_SEEN_ALIVE, false)
                .set(Field.FOREIGN_RUN, false)
                .set(Field.NEW_RAN, false)
                .set(Field.CONT_PERHAPS, false);
    }
}
