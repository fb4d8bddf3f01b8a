package dev.neurath.model.explorer;

import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.QemuTable.Status;

/**
 * Who died, and what the guest depended on at that instant: coarse enough to be a table, fine enough to tell the points at which one death loses it.
 */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
record Crash(Victim victim, Moment moment) {
    enum Victim {
        AGENT,
        OLD,
        NEW,
        HOST,
        NODE,
        /** The agent's connection to old, though both live. */
        CONNECTION
    }

    /** Where the hand-over stands, as an outsider sees it. */
    enum Moment {
        /** The guest was never asked to stop, or runs again. */
        GUEST_ON_OLD,
        /** Old sends; new has not everything yet. */
        STREAMING,
        /** Everything is in new, which does not run yet. */
        STAGED,
        /** The record of the pivot is there, old is frozen, `cont` is not carried out. */
        COMMITTED,
        /** UNDO is written, old does not run yet, and new still has everything. */
        UNDOING_STAGED,
        /** UNDO is written, old does not run yet. */
        UNDOING,
        /** The guest was continued in new, old is there yet. */
        GUEST_ON_NEW,
        /** One process, nothing open. */
        AT_REST
    }

    private static final int MOMENTS = Moment.values().length;

    static Crash of(Victim victim, State s) {
        return new Crash(victim, moment(s));
    }

    private static Moment moment(State s) {
        int mark = s.get(Field.LOG_MARK);
        Status old = Host.old(s);
        Status fresh = Host.fresh(s);
        boolean open = s.get(Field.LOG_GENERATION) != 0 && mark != Mark.DONE.ordinal();
        if (!open) {
            return Moment.AT_REST;
        }
        if (fresh == Status.CONTINUED) {
            return Moment.GUEST_ON_NEW;
        }
        if ((old.guestRuns() && !s.is(Field.OLD_FROZEN)) || old == Status.PAUSED || old == Status.SETUP_PAUSED) {
            return Moment.GUEST_ON_OLD;
        }
        if (mark == Mark.UNDO.ordinal()) {
            return fresh == Status.STAGED ? Moment.UNDOING_STAGED : Moment.UNDOING;
        }
        if (mark == Mark.COMMIT.ordinal()) {
            return Moment.COMMITTED;
        }
        return fresh == Status.STAGED ? Moment.STAGED : Moment.STREAMING;
    }

    /** From 1 on. */
    int number() {
        return victim.ordinal() * MOMENTS + moment.ordinal() + 1;
    }

    static Crash numbered(int number) {
        return new Crash(Victim.values()[(number - 1) / MOMENTS], Moment.values()[(number - 1) % MOMENTS]);
    }

    @Override
    public String toString() {
        return "%s died, %s"
                .formatted(victim, moment)
                .toLowerCase(java.util.Locale.ROOT)
                .replace('_', ' ');
    }
}
