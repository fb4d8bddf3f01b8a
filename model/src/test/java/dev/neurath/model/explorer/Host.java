package dev.neurath.model.explorer;

import dev.neurath.model.Generation;
import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.OldStatus;
import dev.neurath.model.handover.QemuTable.Status;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.SideStatus;

/** Reads the host's part of a {@link State}: processes, log and facts. */
// Enums are packed into the bits of a State, which live no longer than one exploration.
@SuppressWarnings("EnumOrdinal")
final class Host {
    private static final Status[] STATUS = Status.values();
    private static final Mark[] MARK = Mark.values();
    private static final Ending[] ENDING = Ending.values();
    private static final Role[] ROLE = Role.values();
    /** Of {@link Field#FACTS}. */
    static final int MAX_FACTS = 10;

    private static final int FACT_BITS = 6;

    private Host() {}

    static Status old(State s) {
        return STATUS[s.get(Field.OLD)];
    }

    static Status fresh(State s) {
        return STATUS[s.get(Field.NEW)];
    }

    static boolean oldRuns(State s) {
        return old(s).guestRuns() && !s.is(Field.OLD_FROZEN);
    }

    static boolean newRuns(State s) {
        return fresh(s) == Status.CONTINUED && !s.is(Field.NEW_FROZEN);
    }

    static Mark mark(State s) {
        return MARK[s.get(Field.LOG_MARK)];
    }

    static Role role(State s) {
        return ROLE[s.get(Field.LOG_ROLE)];
    }

    static Ending ending(State s) {
        return ENDING[s.get(Field.LOG_ENDING)];
    }

    /** The log says of this generation that it is begun and not over. */
    static boolean open(State s) {
        return s.is(Field.LOG_GENERATION) && mark(s) != Mark.DONE;
    }

    static boolean done(State s) {
        return s.is(Field.LOG_GENERATION) && mark(s) == Mark.DONE;
    }

    static Generation logged(State s) {
        return Fleet.generation(s.get(Field.LOG_GENERATION));
    }

    static OldStatus looksAtOld(State s, boolean answers) {
        Status is = old(s);
        return SideStatus.ofOld(
                is.alive(), s.is(Field.OLD_FROZEN), answers && is.answers(), is.runState(), is.migrationStatus());
    }

    static NewStatus looksAtNew(State s, Role role, boolean answers) {
        Status is = fresh(s);
        boolean mute = !answers || !is.answers() || s.is(Field.NEW_FROZEN);
        return SideStatus.ofNew(role, is.alive(), !mute, is.runState(), is.migrationStatus(), false);
    }

    static int facts(State s) {
        return s.get(Field.FACT_COUNT);
    }

    static FactKind kind(State s, int at) {
        return FactKind.of((int) (s.wide(Field.FACTS) >>> (at * FACT_BITS)) & 15);
    }

    static int generation(State s, int at) {
        return (int) (s.wide(Field.FACTS) >>> (at * FACT_BITS + 4)) & 3;
    }

    static boolean acknowledged(State s, int at) {
        return (s.get(Field.ACKNOWLEDGED) >>> at & 1) != 0;
    }

    static void acknowledge(State s, int at) {
        s.set(Field.ACKNOWLEDGED, s.get(Field.ACKNOWLEDGED) | 1 << at);
    }

    static boolean reported(State s, FactKind kind, int generation) {
        for (int i = 0; i < facts(s); i++) {
            if (kind(s, i) == kind && generation(s, i) == generation) {
                return true;
            }
        }
        return false;
    }

    /**
     * Puts a fact into the agent's outbox, under the next stamp, unless it waits there already.
     *
     * <p>The same words are stamped twice at most; a third time they wait under their last stamp once more. A third stamp would be newer than the same
     * stamps as the second is, so it meets nothing new.
     */
    static void report(State s, FactKind kind, int generation) {
        if (kind == FactKind.CLOSED || kind == FactKind.REFUSED) {
            s.set(Field.ANSWERED_CLOSED, s.get(Field.ANSWERED_CLOSED) | 1 << (generation - 2));
        }
        int count = facts(s);
        int same = 0;
        int last = -1;
        for (int i = 0; i < count; i++) {
            if (kind(s, i) == kind && generation(s, i) == generation) {
                same++;
                last = i;
            }
        }
        if (last >= 0 && !acknowledged(s, last)) {
            return;
        }
        if (same == 2) {
            s.set(Field.ACKNOWLEDGED, s.get(Field.ACKNOWLEDGED) & ~(1 << last));
            return;
        }
        boolean exitWaits = kind != FactKind.EXITED && waits(s, FactKind.EXITED);
        append(s, kind, generation);
        if (exitWaits) {
            // The coordinator leaves an exit unanswered while an attempt is open, and then counts only what is stamped
            // after the attempt's end: so an exit that waits is stamped anew behind every other fact.
            for (int i = 0; i < count; i++) {
                if (kind(s, i) == FactKind.EXITED) {
                    acknowledge(s, i);
                }
            }
            append(s, FactKind.EXITED, 2);
        }
    }

    private static boolean waits(State s, FactKind kind) {
        for (int i = 0; i < facts(s); i++) {
            if (kind(s, i) == kind && !acknowledged(s, i)) {
                return true;
            }
        }
        return false;
    }

    private static void append(State s, FactKind kind, int generation) {
        int count = facts(s);
        if (count == MAX_FACTS) {
            throw new OutOfBounds();
        }
        long entry = kind.ordinal() | (long) generation << 4;
        s.set(Field.FACTS, s.wide(Field.FACTS) | entry << (count * FACT_BITS));
        s.set(Field.FACT_COUNT, count + 1);
    }
}
