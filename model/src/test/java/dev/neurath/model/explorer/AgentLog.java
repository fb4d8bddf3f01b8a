package dev.neurath.model.explorer;

import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.QemuTable.Status;
import dev.neurath.model.handover.Role;

/** The agent's log: what each record leaves behind, and what a record claims about the processes. */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
final class AgentLog {
    private AgentLog() {}

    static State write(State t, HandOver h, Mark mark) {
        int g = (int) h.generation().value();
        if (mark == Mark.BEGIN) {
            t.set(Field.FLOOR, Math.max(g, t.get(Field.FLOOR)))
                    .set(Field.LOG_SWITCHED, false)
                    .set(Field.NEW_RAN, false)
                    .set(Field.CONT_PERHAPS, false)
                    .set(Field.OLD_HEARD, false)
                    .set(Field.SHUTDOWN_SEEN, false);
        }
        if (mark == Mark.SWITCH) {
            t.set(Field.LOG_SWITCHED, true);
        }
        if (mark == Mark.UNDO) {
            t.set(Field.FOREIGN_RUN, false);
        }
        t.set(Field.LOG_GENERATION, g)
                .set(Field.LOG_ROLE, h.role() == Role.REHEARSAL)
                .set(Field.LOG_MARK, mark.ordinal())
                .set(Field.LOG_ENDING, 0);
        Ending ending = h.ending();
        if (mark == Mark.DONE && ending != null) {
            t.set(Field.FLOOR, Math.max(g, t.get(Field.FLOOR))).set(Field.LOG_ENDING, ending.ordinal());
            claims(t, ending, h.switched());
        }
        return t;
    }

    /** What an outcome says of the two processes. A side may die by itself after the last look: its death is reported next. */
    private static void claims(State s, Ending ending, boolean switched) {
        Status old = Host.old(s);
        Status fresh = Host.fresh(s);
        boolean oldHolds = old.alive() && s.is(Field.OLD_CURRENT);
        boolean newHolds = fresh.alive() && s.is(Field.NEW_CURRENT) && fresh != Status.REFUSED;
        boolean kept = switch (ending) {
            case UPGRADED -> !old.alive() && (!fresh.alive() || (Host.newRuns(s) && newHolds));
            case AS_IT_WAS -> !fresh.alive() && (!old.alive() || (oldHolds && !s.is(Field.OLD_FROZEN)));
            case GONE -> !oldHolds && !newHolds && (s.is(Field.SHUTDOWN_SEEN) || !switched);
            // Whether new ever ran is known to nobody: old is kept frozen, as evidence.
            case LOST ->
                !newHolds
                        && !s.is(Field.SHUTDOWN_SEEN)
                        && (!oldHolds || (s.is(Field.OLD_FROZEN) && s.is(Field.CONT_PERHAPS)));
            case GONE_WITH_HOST -> s.is(Field.REBOOTED);
            case DOUBLE_RUN -> !Host.oldRuns(s) && !Host.newRuns(s);
        };
        if (!kept) {
            throw new Breach(
                    "3",
                    "%s is recorded with old %s%s%s and new %s%s"
                            .formatted(
                                    ending,
                                    old,
                                    s.is(Field.OLD_FROZEN) ? " frozen" : "",
                                    oldHolds ? " (holds the guest)" : "",
                                    fresh,
                                    newHolds ? " (holds the guest)" : ""));
        }
    }
}
