package dev.neurath.model.explorer;

import dev.neurath.model.handover.QemuTable;
import dev.neurath.model.handover.QemuTable.Side;
import dev.neurath.model.handover.QemuTable.Status;
import dev.neurath.model.handover.QemuTable.Stimulus;
import dev.neurath.model.vm.Method;

/** What the two processes do by themselves, and what they do when they are told; all of it from {@link QemuTable}. */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
final class QemuMoves {
    private final Method method;

    QemuMoves(Method method) {
        this.method = method;
    }

    void from(State s, Moves out) {
        Status old = Host.old(s);
        Status fresh = Host.fresh(s);
        boolean thrownAway = s.is(Field.THROW_AWAY);
        boolean reader = thrownAway && s.is(Field.AGENT_ALIVE);
        if (old.alive() && !s.is(Field.OLD_FROZEN)) {
            old(s, Stimulus.TIME, "old goes on", out);
            if (fresh == Status.LISTENING || reader) {
                old(s, Stimulus.PEER_READY, "old connects", out);
            }
            if (fresh == Status.STAGED || fresh == Status.CONTINUED || reader) {
                old(s, Stimulus.PEER_LOADED, "old hears that new has loaded", out);
            }
            if (thrownAway ? !reader : fresh == Status.EXITED || fresh == Status.REFUSED) {
                old(s, Stimulus.PEER_GONE, "old finds new gone", out);
            }
        }
        if (fresh.alive() && !s.is(Field.NEW_FROZEN)) {
            fresh(s, Stimulus.TIME, "new goes on", out);
            if (old == Status.SETUP || old == Status.SETUP_PAUSED) {
                fresh(s, Stimulus.PEER_READY, "new finds the side channel", out);
            }
            if (sends(old) || reader) {
                fresh(s, Stimulus.PEER_SENDS, "new receives", out);
            }
            if (old == Status.DEVICE || reader) {
                fresh(s, Stimulus.PEER_SENDS_DEVICES, "new loads the devices", out);
            }
            if (!sends(old) && !reader) {
                fresh(s, Stimulus.PEER_GONE, "new finds old gone", out);
            }
            if (s.is(Field.CONT_QUEUED)) {
                contQueued(s, out);
            }
        }
    }

    private static boolean sends(Status old) {
        return old == Status.ACTIVE || old == Status.DEVICE;
    }

    private void old(State s, Stimulus on, String label, Moves out) {
        for (Status to : outcomes(s, Side.OLD, Host.old(s), on)) {
            if (to != Host.old(s)) {
                out.to(oldTo(s.copy(), to), label + ": " + to, true);
            }
        }
    }

    private void fresh(State s, Stimulus on, String label, Moves out) {
        for (Status to : outcomes(s, Side.NEW, Host.fresh(s), on)) {
            if (to != Host.fresh(s)) {
                out.to(s.copy().set(Field.NEW, to.ordinal()), label + ": " + to, true);
            }
        }
    }

    /** The `cont` that left comes to be carried out. */
    void contQueued(State s, Moves out) {
        for (Status to : outcomes(s, Side.NEW, Host.fresh(s), Stimulus.CONT)) {
            State t = s.copy().set(Field.CONT_QUEUED, s.get(Field.CONT_QUEUED) - 1);
            if (to == Status.CONTINUED && Host.fresh(s) == Status.STAGED) {
                Ghosts.newRuns(t);
            }
            boolean refused = to == Status.STAGED;
            t.set(Field.NEW, to.ordinal()).set(Field.CONT_REFUSED, refused);
            out.to(t, refused ? "new refuses `cont`" : "new carries out `cont`", true);
        }
    }

    /** Tells old something; a stopped process hears nothing. */
    void tellOld(State s, Stimulus command, String label, boolean fair, Moves out) {
        for (Status to : outcomes(s, Side.OLD, Host.old(s), command)) {
            out.to(oldTo(s.copy(), to), label, fair);
        }
    }

    boolean oldKnows(State s, Stimulus command) {
        return !s.is(Field.OLD_FROZEN)
                && !outcomes(s, Side.OLD, Host.old(s), command).isEmpty();
    }

    private java.util.Set<Status> outcomes(State s, Side side, Status from, Stimulus on) {
        // A rehearsal is an ordinary migration to the agent's reader, whatever the hand-over's method.
        return QemuTable.outcomes(s.is(Field.THROW_AWAY) ? Method.SHARED_RAM : method, side, from, on);
    }

    static State oldTo(State t, Status to) {
        Status from = Host.old(t);
        t.set(Field.OLD, to.ordinal());
        if (to == Status.DEVICE && from != Status.DEVICE) {
            Ghosts.oldStops(t);
        }
        if (to.guestRuns() && !from.guestRuns()) {
            Ghosts.oldRuns(t);
        }
        if (to == Status.EXITED) {
            t.set(Field.OLD_FROZEN, false);
        }
        return t;
    }

    static State kill(State t, Side side) {
        if (side == Side.OLD) {
            return t.set(Field.OLD, Status.EXITED.ordinal()).set(Field.OLD_FROZEN, false);
        }
        return t.set(Field.NEW, Status.EXITED.ordinal())
                .set(Field.NEW_FROZEN, false)
                .set(Field.CONT_QUEUED, false)
                .set(Field.CONT_REFUSED, false);
    }
}
