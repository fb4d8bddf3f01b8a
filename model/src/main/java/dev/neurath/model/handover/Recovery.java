package dev.neurath.model.handover;

import static dev.neurath.model.handover.Mark.BEGIN;
import static dev.neurath.model.handover.Mark.COMMIT;
import static dev.neurath.model.handover.Mark.QUARANTINE;
import static dev.neurath.model.handover.Mark.SWITCH;
import static dev.neurath.model.handover.Mark.UNDO;
import static dev.neurath.model.handover.NewStatus.BAD;
import static dev.neurath.model.handover.NewStatus.LOADING;
import static dev.neurath.model.handover.NewStatus.RUN;
import static dev.neurath.model.handover.NewStatus.STAGED;
import static dev.neurath.model.handover.OldStatus.FROZEN;
import static dev.neurath.model.handover.OldStatus.HELD;
import static dev.neurath.model.handover.OldStatus.MIGRATING;
import static dev.neurath.model.handover.OldStatus.POST;
import static dev.neurath.model.handover.OldStatus.RUNNING;

import dev.neurath.model.handover.HandOver.ContProof;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * recover(): the only failure handler, live and after a restart. One look at both processes, first matching row, first of its steps that is not
 * satisfied yet; then another look. So it can be entered again after any crash.
 *
 * <p>Why it is safe: between COMMIT and {@code cont} of new, old is frozen. A frozen or dead old is the witness that new may have run; an old that is
 * alive and not frozen proves that it never did. UNDO is written before anything that can let old run, and under UNDO new is never let run. UNDO is taken back,
 * by another COMMIT, only when old is dead and was heard to its end without having run: then it can never run any more.
 *
 * <p>It leaves to the agent how a step is done, and when to look again.
 */
public final class Recovery {
    /**
     * Looks at a load that does not end after old's death before it is given up: no sender is left that could end it. At the agent's back-off (50 ms
     * doubling to 5 s) this is about 11 s, 100 times the longest load measured.
     */
    static final int LOAD_WAITS = 8;

    /** What a row asks of the knowledge beside the log's mark and the two statuses. */
    public enum When {
        ALWAYS,
        /** SHUTDOWN was seen. */
        SHUT_DOWN,
        /** This incarnation can prove that new was never told to run. */
        NEVER_SENT,
        /** New refused {@code cont} in this incarnation. */
        REFUSED,
        /** Old is dead and was heard to its end: it never ran after the stop. */
        OLD_STOOD,
        /** A load went on for {@link #LOAD_WAITS} looks after its sender's death. */
        LOAD_STUCK
    }

    /**
     * @param number as in the protocol's document
     * @param steps in order; those already satisfied are passed over
     * @param ending when all steps are satisfied; null for a row whose last step changes the picture
     */
    public record Row(
            String number,
            Set<Mark> marks,
            Set<OldStatus> old,
            Set<NewStatus> fresh,
            When when,
            List<Step> steps,
            Optional<Ending> ending) {}

    private static final Set<Mark> ANY = EnumSet.of(BEGIN, SWITCH, COMMIT, UNDO);
    private static final Set<Mark> NOT_COMMIT = EnumSet.of(BEGIN, SWITCH, UNDO);
    private static final Set<Mark> NOT_UNDO = EnumSet.of(BEGIN, SWITCH, COMMIT);
    private static final Set<OldStatus> ANY_OLD = EnumSet.allOf(OldStatus.class);
    private static final Set<NewStatus> ANY_NEW = EnumSet.allOf(NewStatus.class);
    private static final Set<NewStatus> NOT_RUN = EnumSet.complementOf(EnumSet.of(RUN));
    private static final Set<NewStatus> UNUSABLE = EnumSet.of(NewStatus.DEAD, LOADING, BAD, NewStatus.MUTE);
    private static final Set<OldStatus> MUTE = EnumSet.of(OldStatus.MUTE);
    private static final Set<OldStatus> DEAD = EnumSet.of(OldStatus.DEAD);

    // spotless:off
    public static final List<Row> TABLE = List.of(
            row(
                    "1q",
                    EnumSet.of(QUARANTINE),
                    ANY_OLD,
                    ANY_NEW,
                    When.ALWAYS,
                    List.of(Step.FREEZE_BOTH),
                    Ending.DOUBLE_RUN),
            row("1", ANY, EnumSet.of(RUNNING), EnumSet.of(RUN), When.ALWAYS, List.of(Step.LOG_QUARANTINE), null),
            row(
                    "2",
                    ANY,
                    ANY_OLD,
                    EnumSet.of(RUN),
                    When.ALWAYS,
                    List.of(Step.FREEZE_OLD, Step.LOG_COMMIT, Step.KILL_OLD),
                    Ending.UPGRADED),
            row(
                    "3",
                    ANY,
                    EnumSet.of(RUNNING, HELD),
                    NOT_RUN,
                    When.ALWAYS,
                    List.of(Step.LOG_UNDO, Step.KILL_NEW),
                    Ending.AS_IT_WAS),
            row(
                    "4",
                    ANY,
                    EnumSet.of(MIGRATING),
                    NOT_RUN,
                    When.ALWAYS,
                    List.of(Step.LOG_UNDO, Step.CANCEL_OLD, Step.KILL_NEW, Step.WAIT),
                    null),
            row(
                    "5",
                    Set.of(COMMIT),
                    EnumSet.of(POST, OldStatus.MUTE),
                    EnumSet.of(STAGED),
                    When.ALWAYS,
                    List.of(Step.FREEZE_OLD),
                    null),
            row(
                    "6",
                    NOT_COMMIT,
                    EnumSet.of(POST),
                    NOT_RUN,
                    When.ALWAYS,
                    List.of(Step.LOG_UNDO, Step.KILL_NEW, Step.CONT_OLD),
                    null),
            row(
                    "6b",
                    Set.of(COMMIT),
                    EnumSet.of(POST),
                    UNUSABLE,
                    When.ALWAYS,
                    List.of(Step.LOG_UNDO, Step.KILL_NEW, Step.CONT_OLD),
                    null),
            row(
                    "7r",
                    Set.of(COMMIT),
                    EnumSet.of(FROZEN),
                    EnumSet.of(STAGED),
                    When.REFUSED,
                    List.of(Step.LOG_UNDO),
                    null),
            row("7", Set.of(COMMIT), EnumSet.of(FROZEN), EnumSet.of(STAGED), When.ALWAYS, List.of(Step.CONT_NEW), null),
            row("8n", Set.of(COMMIT), EnumSet.of(FROZEN), UNUSABLE, When.NEVER_SENT, List.of(Step.LOG_UNDO), null),
            row(
                    "8s",
                    Set.of(COMMIT),
                    EnumSet.of(FROZEN),
                    EnumSet.of(NewStatus.DEAD),
                    When.SHUT_DOWN,
                    List.of(Step.KILL_OLD),
                    null),
            row(
                    "8",
                    Set.of(COMMIT),
                    EnumSet.of(FROZEN),
                    EnumSet.of(NewStatus.DEAD),
                    When.ALWAYS,
                    List.of(),
                    Ending.LOST),
            row(
                    "9",
                    NOT_COMMIT,
                    EnumSet.of(FROZEN),
                    NOT_RUN,
                    When.ALWAYS,
                    List.of(Step.LOG_UNDO, Step.KILL_NEW, Step.THAW_OLD),
                    null),
            row("10", NOT_COMMIT, MUTE, NOT_RUN, When.ALWAYS, List.of(Step.LOG_UNDO, Step.KILL_NEW, Step.WAIT), null),
            row(
                    "11",
                    Set.of(COMMIT),
                    EnumSet.of(FROZEN, OldStatus.MUTE),
                    UNUSABLE,
                    When.ALWAYS,
                    List.of(Step.WAIT),
                    null),
            row("12s", NOT_UNDO, DEAD, EnumSet.of(STAGED), When.SHUT_DOWN, List.of(Step.KILL_NEW), Ending.GONE),
            row("12r", Set.of(COMMIT), DEAD, EnumSet.of(STAGED), When.REFUSED, List.of(Step.WAIT), null),
            row("12", NOT_UNDO, DEAD, EnumSet.of(STAGED), When.ALWAYS, List.of(Step.LOG_COMMIT, Step.CONT_NEW), null),
            row("13s", Set.of(UNDO), DEAD, NOT_RUN, When.SHUT_DOWN, List.of(Step.KILL_NEW), Ending.GONE),
            row("13r", Set.of(UNDO), DEAD, EnumSet.of(STAGED), When.OLD_STOOD, List.of(Step.LOG_COMMIT), null),
            row("13l", Set.of(UNDO), DEAD, EnumSet.of(LOADING), When.LOAD_STUCK, List.of(Step.KILL_NEW), null),
            row(
                    "13w",
                    Set.of(UNDO),
                    DEAD,
                    EnumSet.of(LOADING, NewStatus.MUTE),
                    When.OLD_STOOD,
                    List.of(Step.WAIT),
                    null),
            row("13", Set.of(UNDO), DEAD, NOT_RUN, When.ALWAYS, List.of(Step.KILL_NEW), Ending.LOST),
            row("14b", Set.of(BEGIN), DEAD, UNUSABLE, When.ALWAYS, List.of(Step.KILL_NEW), Ending.GONE),
            row("14l", NOT_UNDO, DEAD, EnumSet.of(LOADING), When.LOAD_STUCK, List.of(Step.KILL_NEW), null),
            row("14", NOT_UNDO, DEAD, EnumSet.of(LOADING, NewStatus.MUTE), When.ALWAYS, List.of(Step.WAIT), null),
            row(
                    "15s",
                    NOT_UNDO,
                    DEAD,
                    EnumSet.of(NewStatus.DEAD, BAD),
                    When.SHUT_DOWN,
                    List.of(Step.KILL_NEW),
                    Ending.GONE),
            row(
                    "15",
                    NOT_UNDO,
                    DEAD,
                    EnumSet.of(NewStatus.DEAD, BAD),
                    When.ALWAYS,
                    List.of(Step.KILL_NEW),
                    Ending.LOST));
    // spotless:on

    /** The product's table. */
    public static final Recovery STANDARD = new Recovery(TABLE);

    private final List<Row> rows;

    /** @param rows in the order in which they are tried; another table than {@link #TABLE} is for tests that prove what a row is good for */
    public Recovery(List<Row> rows) {
        this.rows = List.copyOf(rows);
    }

    /** @return the attempt with its next step; the same for a live attempt that gave up and for one found after a restart */
    HandOver next(HandOver now, Sides sides) {
        if (!sides.sameBoot()) {
            return now.ended(Ending.GONE_WITH_HOST).at(Step.LOG_DONE);
        }
        Row row = match(now, sides);
        boolean loadGoesOn = row.number().equals("14") || row.number().equals("13w");
        HandOver settled = loadGoesOn ? now.withWaits(Math.min(now.waits() + 1, LOAD_WAITS)) : now.withWaits(0);
        if (row.number().equals("5") && now.proof() == ContProof.NONE) {
            // Old is alive and not frozen, so new was never told to run: when the freezing fails, the way is back.
            settled = settled.proved(ContProof.NEVER_SENT);
        }
        for (Step step : row.steps()) {
            if (!satisfied(step, now, sides)) {
                return settled.at(step);
            }
        }
        Ending ending = row.ending()
                .map(e -> e == Ending.LOST && !now.switched() ? Ending.GONE : e)
                .orElseThrow(() -> new IllegalStateException("row " + row.number() + " leads nowhere: " + now));
        boolean survivor = ending == Ending.UPGRADED || ending == Ending.AS_IT_WAS;
        return settled.ended(ending).at(survivor ? Step.RESET_SURVIVOR : Step.LOG_DONE);
    }

    /** @throws IllegalStateException if no row matches: the table is checked to have one for everything that can be seen */
    public Row match(HandOver now, Sides sides) {
        for (Row row : rows) {
            if (row.marks().contains(now.mark())
                    && row.old().contains(sides.old())
                    && row.fresh().contains(sides.fresh())
                    && holds(row.when(), now, sides)) {
                return row;
            }
        }
        throw new IllegalStateException("no row of the recovery table for " + now + " and " + sides);
    }

    private static boolean holds(When when, HandOver now, Sides sides) {
        return switch (when) {
            case ALWAYS -> true;
            case SHUT_DOWN -> sides.shutdownSeen();
            case NEVER_SENT -> now.proof() != ContProof.NONE;
            case REFUSED -> now.proof() == ContProof.REFUSED;
            case OLD_STOOD -> sides.oldStood();
            case LOAD_STUCK -> now.waits() >= LOAD_WAITS;
        };
    }

    private static boolean satisfied(Step step, HandOver now, Sides sides) {
        return switch (step) {
            case LOG_UNDO -> now.mark() == UNDO;
            case LOG_COMMIT -> now.mark() == COMMIT;
            case KILL_NEW -> sides.fresh() == NewStatus.DEAD;
            case KILL_OLD -> sides.old() == OldStatus.DEAD;
            case FREEZE_OLD -> sides.old() == FROZEN || sides.old() == OldStatus.DEAD;
            case CANCEL_OLD -> now.cancelSent();
            default -> false;
        };
    }

    private static Row row(
            String number,
            Set<Mark> marks,
            Set<OldStatus> old,
            Set<NewStatus> fresh,
            When when,
            List<Step> steps,
            @org.jspecify.annotations.Nullable Ending ending) {
        return new Row(number, marks, old, fresh, when, steps, Optional.ofNullable(ending));
    }
}
