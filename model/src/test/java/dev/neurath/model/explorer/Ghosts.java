package dev.neurath.model.explorer;

import dev.neurath.model.handover.Mark;
import dev.neurath.model.handover.QemuTable.Status;

/**
 * What happens to the guest when a side is touched, and what must hold at that instant. Numbers are those of the invariants in
 * docs/hand-over-protocol.md.
 *
 * <p>ramEpoch and devEpoch appear as two bits: devEpoch[side] = ramEpoch. A run of a side raises ramEpoch and that side's devEpoch, so it makes the
 * other's stale; a stop leaves both; a stream carries old's to new. No other comparison of epochs is ever made.
 */
final class Ghosts {
    /** Of {@link Field#FOREIGN_RUN}. */
    private static final int WINDOW = 2;

    private Ghosts() {}

    /** Old or the agent dies: whoever could have told that a stranger had continued old is gone. */
    static void witnessDies(State s) {
        if (s.is(Field.FOREIGN_RUN)) {
            s.set(Field.FOREIGN_RUN, WINDOW);
        }
    }

    /** The guest begins to run on old, or goes on running there after a stop. */
    static void oldRuns(State s) {
        if (!s.is(Field.OLD_CURRENT)) {
            throw new Breach("2", "old runs with device state older than RAM");
        }
        if (Host.newRuns(s)) {
            throw new Breach("1", "old runs while new runs");
        }
        // RESUME is sent before the guest's first instruction, and what is sent is read even if old dies at once.
        s.set(Field.NEW_CURRENT, false).set(Field.OLD_HEARD, false);
    }

    static void newRuns(State s) {
        // Declared: a stranger continued old between the last look at it and its freezing, and the agent, who would
        // have
        // read RESUME on old's connection, died.
        if (!s.is(Field.NEW_CURRENT) && s.get(Field.FOREIGN_RUN) != WINDOW) {
            throw new Breach("2", "new runs with device state older than RAM");
        }
        if (Host.oldRuns(s)) {
            throw new Breach("1", "new runs while old runs");
        }
        if (s.is(Field.THROW_AWAY)) {
            throw new Breach("5", "a throw-away runs");
        }
        s.set(Field.OLD_CURRENT, false).set(Field.NEW_CURRENT, true).set(Field.NEW_RAN, true);
    }

    /** Old stops for the migration and sends what its devices hold. */
    static void oldStops(State s) {
        if (!s.is(Field.LOG_SWITCHED)) {
            throw new Breach("9", "the guest is stopped before SWITCH is written");
        }
        s.set(Field.NEW_CURRENT, s.is(Field.OLD_CURRENT)).set(Field.OLD_HEARD, s.is(Field.AGENT_ALIVE));
    }

    /** Anything is done to a process for an attempt. */
    static void effect(State s, int generation, String what) {
        boolean closed = (s.get(Field.ANSWERED_CLOSED) >>> (generation - 2) & 1) != 0;
        boolean mine = s.get(Field.FLOOR) == generation
                && s.get(Field.LOG_GENERATION) == generation
                && Host.mark(s) != Mark.DONE
                && !closed;
        if (!mine) {
            throw new Breach(
                    "9",
                    "%s for generation %d, which is not the open one or was answered to be closed"
                            .formatted(what, generation));
        }
        if (s.is(Field.REBOOTED)) {
            throw new Breach("8", what + ": the process of that pid is somebody else's since the reboot");
        }
    }

    static void contNew(State s) {
        Status fresh = Host.fresh(s);
        boolean oldHarmless = s.is(Field.OLD_FROZEN) || !Host.old(s).alive();
        boolean ready = fresh == Status.STAGED || fresh == Status.CONTINUED;
        if (Host.mark(s) != Mark.COMMIT || !oldHarmless || !ready || s.is(Field.THROW_AWAY)) {
            throw new Breach(
                    "5",
                    "`cont` for new under %s, old %s%s, new %s%s"
                            .formatted(
                                    Host.mark(s),
                                    Host.old(s),
                                    s.is(Field.OLD_FROZEN) ? " frozen" : "",
                                    fresh,
                                    s.is(Field.THROW_AWAY) ? ", a throw-away" : ""));
        }
    }

    static void letsOldRun(State s, String what) {
        if (Host.mark(s) != Mark.UNDO) {
            throw new Breach("6", what + " under " + Host.mark(s));
        }
    }

    static void contOld(State s) {
        letsOldRun(s, "`cont` for old");
        if (Host.fresh(s).alive()) {
            throw new Breach("6", "`cont` for old while new is " + Host.fresh(s));
        }
    }

    static void killNew(State s) {
        if (!Host.fresh(s).alive()) {
            return;
        }
        if (s.is(Field.LOG_SWITCHED) && Host.mark(s) != Mark.UNDO && Host.old(s).alive()) {
            throw new Breach("6", "new is killed under " + Host.mark(s));
        }
        if (Host.fresh(s) == Status.CONTINUED && s.is(Field.NEW_CURRENT)) {
            throw new Breach("3", "new is killed while the guest runs in it");
        }
        boolean diedSince = s.is(Field.OLD_SEEN_ALIVE) && !Host.old(s).alive() && s.is(Field.OLD_HEARD);
        if (diedSince && Host.fresh(s) == Status.STAGED && s.is(Field.NEW_CURRENT)) {
            throw new Breach("3", "new is killed although old, for whose sake it is, is dead");
        }
    }

    static void killOld(State s) {
        boolean owner = Host.old(s).alive() && s.is(Field.OLD_CURRENT);
        if (owner && !s.is(Field.SHUTDOWN_SEEN)) {
            throw new Breach("3", "old is killed while it holds the guest");
        }
    }

    static void undo(State s) {
        boolean mayRun = s.is(Field.NEW_RAN) || (s.is(Field.CONT_QUEUED) && Host.fresh(s) == Status.STAGED);
        if (Host.mark(s) == Mark.COMMIT && mayRun) {
            throw new Breach("7", "UNDO is written although new ran or still may");
        }
    }

    /**
     * The decision to kill new after old's death, on what was seen.
     *
     * @param waited the load was watched for some looks and did not end: how long is a matter of clocks, of which there are none here
     */
    static void givesNewUp(State s, boolean waited) {
        Status fresh = Host.fresh(s);
        boolean usable = fresh == Status.STAGED || fresh == Status.BUFFERED;
        boolean known = Host.mark(s) != Mark.UNDO || s.is(Field.OLD_HEARD);
        if (usable && !waited && s.is(Field.NEW_CURRENT) && known && !s.is(Field.SHUTDOWN_SEEN)) {
            throw new Breach("3", "new is given up while it alone holds the guest");
        }
    }
}
