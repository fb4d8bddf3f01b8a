package dev.neurath.model.explorer;

import dev.neurath.model.Generation;
import dev.neurath.model.handover.Admission;
import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.QemuTable.Status;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.VmOrder;
import org.jspecify.annotations.Nullable;

/** The agent around the hand-over: orders, restarts, and what it notices of processes outside any attempt. */
final class AgentMoves {
    private static final Mark[] MARKS = Mark.values();
    private final Product product;
    private final Bounds bounds;
    private final StepMoves steps;

    AgentMoves(Product product, Bounds bounds, StepMoves steps) {
        this.product = product;
        this.bounds = bounds;
        this.steps = steps;
    }

    void from(State s, Moves out) {
        if (!s.is(Field.AGENT_ALIVE)) {
            out.to(restart(s.copy()), "the agent starts", true);
            return;
        }
        if (s.is(Field.ATTEMPT)) {
            steps.from(s, out);
            return;
        }
        if (!Host.old(s).alive() && !ended(s)) {
            State t = s.copy();
            Host.report(t, FactKind.EXITED, 2);
            out.to(t, "the agent finds the VM's process ended", true);
        }
        if (s.is(Field.INVENTORY_LEFT)) {
            unasked(s, out);
        }
    }

    private static boolean ended(State s) {
        boolean byOutcome = Host.done(s) && Host.ending(s) != Ending.UPGRADED && Host.ending(s) != Ending.AS_IT_WAS;
        return byOutcome || Host.reported(s, FactKind.EXITED, 2);
    }

    /** What it says of its own accord: once, at any time outside an attempt. */
    private static void unasked(State s, Moves out) {
        if (Host.oldRuns(s)) {
            State t = s.copy().set(Field.INVENTORY_LEFT, false);
            Host.report(t, FactKind.inventory(s.get(Field.OLD_REVISION)), s.get(Field.FLOOR));
            out.to(t, "the agent sends its inventory", false);
            if (Host.done(s) && Host.ending(s) == Ending.UPGRADED) {
                State silent = s.copy().set(Field.INVENTORY_LEFT, false);
                Host.report(silent, FactKind.SILENT, s.get(Field.LOG_GENERATION));
                out.to(silent, "the probe finds the guest silent", false);
            }
        }
    }

    State restart(State t) {
        t.set(Field.AGENT_ALIVE, true);
        if (Host.open(t)) {
            var h = HandOver.recovered(
                    Host.logged(t),
                    Host.role(t),
                    bounds.method(),
                    MARKS[t.get(Field.LOG_MARK)],
                    t.is(Field.LOG_SWITCHED));
            t.set(Field.ATTEMPT, product.number(h));
        } else if (Host.done(t)) {
            Host.report(t, FactKind.of(Host.ending(t)), t.get(Field.LOG_GENERATION));
        }
        return t;
    }

    /** What of it dies: everything that is not in the log. */
    State crash(State t) {
        Ghosts.witnessDies(t);
        if (Host.mark(t) == Mark.COMMIT) {
            t.set(Field.CONT_PERHAPS, true);
        }
        if (Host.open(t) && t.is(Field.SHUTDOWN_SEEN) && t.get(Field.INTENT) == FaultMoves.OFF) {
            t.set(Field.INTENT, FaultMoves.RUNNING);
        }
        t.set(Field.AGENT_ALIVE, false)
                .set(Field.ATTEMPT, 0)
                .set(Field.LOOK, 0)
                .set(Field.SHUTDOWN_SEEN, false)
                .set(Field.FINGERPRINT_CHANGED, false)
                .set(Field.OLD_HEARD, false)
                .set(Field.OLD_SEEN_ALIVE, false)
                .set(Field.CONT_REFUSED, false);
        if (product.variant.has(Flaw.FLOOR_VOLATILE)) {
            t.set(Field.FLOOR, Host.open(t) ? t.get(Field.LOG_GENERATION) : 1);
        }
        return Host.open(t) ? t : StepMoves.forget(t);
    }

    /**
     * @param old it is older than it may be: sent in a former session, or held up
     */
    void order(State s, VmOrder order, boolean old, Moves out) {
        boolean fair = !old;
        String label = "%s(%s) arrives".formatted(order.getClass().getSimpleName(), order.generation());
        admit(s, order, false, old, label, fair, out);
        if (old) {
            admit(s, order, true, true, label + " late", false, out);
        }
    }

    private void admit(State s, VmOrder order, boolean late, boolean old, String label, boolean fair, Moves out) {
        int g = (int) order.generation().value();
        HandOver open = s.is(Field.ATTEMPT) ? product.attempt(s.get(Field.ATTEMPT)) : null;
        Generation done = Host.done(s) ? Host.logged(s) : null;
        boolean present = Host.old(s).alive() || Host.open(s);
        var ledger = new Admission.Ledger(present, Fleet.generation(s.get(Field.FLOOR)), open, done);
        State t = s.copy();
        var verdict = Admission.admit(ledger, order, late);
        boolean acts = verdict instanceof Admission.Verdict.Begin || verdict instanceof Admission.Verdict.Switch;
        if (old && acts && product.variant.has(Flaw.SESSION_IGNORED)) {
            throw new Breach("9", "an order of a former session, whose age nobody knows, is carried out");
        }
        switch (verdict) {
            case Admission.Verdict.Begin begin -> begin(t, g, label, fair, out);
            case Admission.Verdict.Attach attach -> {
                if (open != null
                        && open.step() == Step.LOG_COMMIT
                        && product.variant.has(Flaw.COMMIT_WAITS_FOR_A_MESSAGE)) {
                    steps.commit(t, open, out);
                }
            }
            case Admission.Verdict.Switch ordered -> deliver(t, open, Product.SWITCH, label, fair, out);
            case Admission.Verdict.Repeat repeat -> {
                repeat(t, open, g);
                out.to(t, label + ": its outcome is repeated", fair);
            }
            case Admission.Verdict.Close close -> close(t, g, FactKind.CLOSED, label, fair, out);
            case Admission.Verdict.Settle settle -> deliver(t, open, Product.CLOSE, label, fair, out);
            case Admission.Verdict.SettleOlder settle -> deliver(t, open, Product.CLOSE, label, fair, out);
            case Admission.Verdict.Refuse refuse -> close(t, g, FactKind.REFUSED, label, fair, out);
        }
    }

    private void begin(State t, int g, String label, boolean fair, Moves out) {
        if (bounds.rehearsal()) {
            var h = HandOver.begin(new Generation(g), Role.REHEARSAL, bounds.method());
            out.to(
                    t.copy().set(Field.ATTEMPT, product.number(h)).set(Field.REHEARSED, true),
                    label + ": a rehearsal begins",
                    fair);
        }
        var h = HandOver.begin(new Generation(g), Role.HAND_OVER, bounds.method());
        out.to(t.set(Field.ATTEMPT, product.number(h)), label + ": an attempt begins", fair);
    }

    private void deliver(State t, @Nullable HandOver open, int input, String label, boolean fair, Moves out) {
        if (open == null) {
            throw new Breach("9", "an order is given to an attempt that is not there");
        }
        steps.answer(t, open, input, label, fair, out);
    }

    private void repeat(State t, @Nullable HandOver open, int g) {
        Ending ending = open != null && open.generation().value() == g ? open.ending() : Host.ending(t);
        if (ending == null) {
            throw new Breach("10", "an outcome is repeated that is not there");
        }
        Host.report(t, FactKind.of(ending), g);
    }

    private void close(State t, int g, FactKind answer, String label, boolean fair, Moves out) {
        int floor = t.get(Field.FLOOR);
        boolean raises = !product.variant.has(Flaw.RESOLVE_ANSWERS_WITHOUT_CLOSING);
        State answered = t.copy().set(Field.FLOOR, raises ? Math.max(floor, g) : floor);
        Host.report(answered, answer, g);
        out.to(answered, label + ": " + answer, fair);
        if (product.variant.has(Flaw.CLOSED_ANSWERED_BEFORE_FLOOR)) {
            Host.report(t, answer, g);
            out.to(crash(t), label + ": " + answer + ", and the agent dies before its FLOOR is written", false);
        }
    }

    static boolean idle(State s) {
        return s.is(Field.AGENT_ALIVE)
                && !s.is(Field.ATTEMPT)
                && !Host.open(s)
                && !(Host.fresh(s) == Status.STAGED && s.is(Field.CONT_QUEUED));
    }
}
