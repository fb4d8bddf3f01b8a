package dev.neurath.chaos.handover;

import static dev.neurath.chaos.handover.Fate.AS_IT_WAS;
import static dev.neurath.chaos.handover.Fate.GONE;
import static dev.neurath.chaos.handover.Fate.PAUSED;
import static dev.neurath.chaos.handover.Fate.REBOOTED;
import static dev.neurath.chaos.handover.Fate.UPGRADED;
import static dev.neurath.chaos.handover.Fate.UPGRADED_REBOOTED;
import static dev.neurath.chaos.handover.Interference.CONT;
import static dev.neurath.chaos.handover.Interference.DISK_FULL;
import static dev.neurath.chaos.handover.Interference.NEW_ENDS_AT_START;
import static dev.neurath.chaos.handover.Interference.NEW_HANGS;
import static dev.neurath.chaos.handover.Interference.NEW_REFUSES_CONT;
import static dev.neurath.chaos.handover.Interference.NEW_REFUSES_STATE;
import static dev.neurath.chaos.handover.Interference.NEW_STALLS;
import static dev.neurath.chaos.handover.Interference.ORDER_BELOW_FLOOR;
import static dev.neurath.chaos.handover.Interference.ORDER_LATE;
import static dev.neurath.chaos.handover.Interference.ORDER_OF_ANOTHER_SESSION;
import static dev.neurath.chaos.handover.Interference.ORDER_TWICE;
import static dev.neurath.chaos.handover.Interference.PAUSE;
import static dev.neurath.chaos.handover.Interference.POWER_OFF;
import static dev.neurath.chaos.handover.Interference.QUIT;
import static dev.neurath.chaos.handover.Interference.RELEASE_MISSING;
import static dev.neurath.chaos.handover.Interference.RELEASE_NOT_EXECUTABLE;
import static dev.neurath.chaos.handover.Interference.RELEASE_WRONG_HASH;
import static dev.neurath.chaos.handover.Interference.RESET;

import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What has to become of a guest, for every step and everything that can come in between. Written down before it is tried; a cell without a row does
 * not exist. Where two fates stand in one row, which of the two comes is decided inside QEMU.
 */
public final class InterferenceTable {
    /**
     * @param why the rule behind it
     * @param told what the VM's last event has to say, as a regular expression that is found in it
     */
    public record Row(Interference by, CrashStep first, CrashStep last, Set<Fate> fates, String why, String told) {
        public Row {
            fates = Collections.unmodifiableSet(EnumSet.copyOf(fates));
        }
    }

    private static final CrashStep MID_STREAM = CrashStep.MID_STREAM;

    public static final List<Row> ROWS = List.of(
            row(
                    PAUSE,
                    Step.LOG_BEGIN,
                    Step.SEND_OLD,
                    "its STOP or its state is seen before anything is sent; nobody continues what its owner stopped",
                    "GUEST_CHANGED|RUNSTATE",
                    PAUSED),
            row(
                    PAUSE,
                    MID_STREAM,
                    Step.KILL_OLD,
                    "QEMU keeps no trace of a `stop` of what is stopped; a frozen process hears nothing",
                    "Verified",
                    UPGRADED),
            row(
                    RESET,
                    Step.LOG_BEGIN,
                    Step.CHECK_OLD,
                    "the guest that began anew is the one that is checked and carried over",
                    "Verified",
                    UPGRADED_REBOOTED),
            row(RESET, Step.START_NEW, Step.SEND_OLD, "RESET since the check", "GUEST_CHANGED|OLD_RAN", REBOOTED),
            row(
                    RESET,
                    MID_STREAM,
                    Step.FREEZE_OLD,
                    "a reset rewrites memory that new sees too: new must not run on it",
                    "GUEST_CHANGED|OLD_RAN",
                    REBOOTED),
            row(RESET, Step.CONT_NEW, Step.KILL_OLD, "a frozen process hears nothing", "Verified", UPGRADED),
            row(POWER_OFF, Step.LOG_BEGIN, Step.SEND_OLD, "old is dead, new has nothing", "Ended", GONE),
            row(
                    POWER_OFF,
                    MID_STREAM,
                    MID_STREAM,
                    "heard once the stream is through: before or after it is frozen",
                    "Ended|Verified",
                    GONE,
                    UPGRADED),
            row(
                    POWER_OFF,
                    Step.AWAIT_STAGED,
                    Step.FREEZE_OLD,
                    "SHUTDOWN was seen, so new is not continued",
                    "Ended",
                    GONE),
            row(POWER_OFF, Step.CONT_NEW, Step.KILL_OLD, "a frozen process hears nothing", "Verified", UPGRADED),
            row(QUIT, Step.LOG_BEGIN, Step.SEND_OLD, "old is dead, new has nothing", "Ended", GONE),
            row(
                    QUIT,
                    MID_STREAM,
                    MID_STREAM,
                    "heard once the stream is through: before or after it is frozen",
                    "Ended|Verified",
                    GONE,
                    UPGRADED),
            row(QUIT, Step.AWAIT_STAGED, Step.FREEZE_OLD, "SHUTDOWN was seen, so new is not continued", "Ended", GONE),
            row(QUIT, Step.CONT_NEW, Step.KILL_OLD, "a frozen process hears nothing", "Verified", UPGRADED),
            row(CONT, Step.LOG_BEGIN, Step.SEND_OLD, "it runs already", "Verified", UPGRADED),
            row(
                    CONT,
                    MID_STREAM,
                    MID_STREAM,
                    "refused while the migration lasts, heard right after it",
                    "Verified|OLD_RAN|OLD_RESUMED|NOT_STAGED",
                    UPGRADED,
                    AS_IT_WAS),
            row(
                    CONT,
                    Step.AWAIT_STAGED,
                    Step.FREEZE_OLD,
                    "RESUME was seen: new is older than old by now",
                    "OLD_RAN|OLD_RESUMED|NOT_STAGED",
                    AS_IT_WAS),
            row(CONT, Step.CONT_NEW, Step.KILL_OLD, "a frozen process hears nothing", "Verified", UPGRADED),
            row(
                    NEW_HANGS,
                    Step.OPEN_CHANNEL,
                    Step.AWAIT_STAGED,
                    "new never ran, so it may be killed",
                    "NEW_MUTE|QMP_TIMED_OUT|IO_ERROR|METHOD_NOT_POSSIBLE|PAUSE_LIMIT|TRANSFER_STUCK|NOT_STAGED",
                    AS_IT_WAS),
            row(
                    NEW_STALLS,
                    Step.LOG_COMMIT,
                    Step.PUBLISH,
                    "`cont` may have reached it: asked again and again, killed by nobody",
                    "Verified",
                    UPGRADED),
            row(
                    NEW_ENDS_AT_START,
                    Step.START_NEW,
                    Step.START_NEW,
                    "refused before the guest is touched",
                    "NEW_DIED|METHOD_NOT_POSSIBLE",
                    AS_IT_WAS),
            row(
                    NEW_REFUSES_STATE,
                    Step.START_NEW,
                    Step.START_NEW,
                    "rolled back",
                    "NEW_REFUSED_STATE|NEW_DIED|TRANSFER_FAILED",
                    AS_IT_WAS),
            row(
                    NEW_REFUSES_CONT,
                    MID_STREAM,
                    MID_STREAM,
                    "a refusal on an unbroken connection proves that it never ran",
                    "CONT_REFUSED",
                    AS_IT_WAS),
            row(
                    RELEASE_MISSING,
                    Step.START_NEW,
                    Step.START_NEW,
                    "refused before the guest is touched",
                    "RELEASE_MISSING",
                    AS_IT_WAS),
            row(
                    RELEASE_WRONG_HASH,
                    Step.START_NEW,
                    Step.START_NEW,
                    "refused before the guest is touched",
                    "RELEASE_WRONG_HASH",
                    AS_IT_WAS),
            row(
                    RELEASE_NOT_EXECUTABLE,
                    Step.START_NEW,
                    Step.START_NEW,
                    "refused before the guest is touched",
                    "RELEASE_NOT_EXECUTABLE",
                    AS_IT_WAS),
            row(
                    DISK_FULL,
                    Step.LOG_BEGIN,
                    Step.LOG_BEGIN,
                    "nothing is begun that cannot be written down",
                    "LOG_SPACE",
                    AS_IT_WAS),
            row(
                    DISK_FULL,
                    Step.CHECK_OLD,
                    Step.LOG_DONE,
                    "the pause needs no disk; the outcome is told once it is on it",
                    "Verified",
                    UPGRADED),
            row(ORDER_TWICE, Step.LOG_BEGIN, Step.PUBLISH, "an order sent again changes nothing", "Verified", UPGRADED),
            row(ORDER_OF_ANOTHER_SESSION, Step.LOG_BEGIN, Step.PUBLISH, "dropped", "Verified", UPGRADED),
            row(
                    ORDER_BELOW_FLOOR,
                    Step.LOG_BEGIN,
                    Step.PUBLISH,
                    "below FLOOR nothing is carried out",
                    "Verified",
                    UPGRADED),
            row(
                    ORDER_LATE,
                    Step.LOG_BEGIN,
                    Step.CHECK_NEW,
                    "Switch comes too late",
                    "CLOSED_BY_COORDINATOR",
                    AS_IT_WAS),
            row(
                    ORDER_LATE,
                    Step.HOLD_READY,
                    Step.HOLD_READY,
                    "Switch was in time or is too late",
                    "Verified|CLOSED",
                    UPGRADED,
                    AS_IT_WAS),
            row(ORDER_LATE, Step.CHECK_GUEST, Step.PUBLISH, "it was in time when it counted", "Verified", UPGRADED));

    private InterferenceTable() {}

    /** @return empty if there is nothing to interfere with at this step */
    public static Optional<Row> row(Interference by, CrashStep step, Method method) {
        if (!CrashStep.of(method).contains(step)) {
            return Optional.empty();
        }
        return ROWS.stream()
                .filter(row -> row.by() == by && step.within(row.first(), row.last()))
                .findFirst();
    }

    /** Every cell of one interference and method, in the steps' order. */
    public static List<InterferenceCell> cells(Interference by, Method method) {
        var cells = new ArrayList<InterferenceCell>();
        for (CrashStep step : CrashStep.of(method)) {
            if (row(by, step, method).isPresent()) {
                cells.add(new InterferenceCell(step, by, method));
            }
        }
        return cells;
    }

    private static Row row(Interference by, Step first, Step last, String why, String told, Fate fate, Fate... orElse) {
        return row(by, new CrashStep(first.label()), new CrashStep(last.label()), why, told, fate, orElse);
    }

    private static Row row(
            Interference by, CrashStep first, Step last, String why, String told, Fate fate, Fate... orElse) {
        return row(by, first, new CrashStep(last.label()), why, told, fate, orElse);
    }

    private static Row row(
            Interference by, CrashStep first, CrashStep last, String why, String told, Fate fate, Fate... orElse) {
        return new Row(by, first, last, EnumSet.of(fate, orElse), why, told);
    }
}
