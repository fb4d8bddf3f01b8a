package dev.neurath.bench.handover;

import dev.neurath.model.handover.Step;
import java.util.Locale;

/** What the time of a whole hand-over goes into, whoever leads it. */
enum Part {
    /** The order's way, what is written down before anything is done, and the look at old. */
    BEGIN,
    /** From the new QEMU's start until it has the guest's memory. */
    START_NEW,
    /** What is looked at and set before the guest may be stopped. */
    CHECK,
    /** All that is between the request to move the guest and the news that it runs; the pause is within. */
    SWITCH,
    /** Until old is gone: the kernel takes its mappings down. */
    END_OLD,
    /** What is written down and published then, and the news of it. */
    DONE;

    /** Of the agent's steps; those of a way back are never measured. */
    static Part of(Step step) {
        return switch (step) {
            case START_NEW, OPEN_CHANNEL -> START_NEW;
            case CHECK_NEW, HOLD_READY, CHECK_GUEST, LOG_SWITCH -> CHECK;
            case CONNECT_NEW, SEND_OLD, AWAIT_STAGED, LOG_COMMIT, FREEZE_OLD, CONT_NEW, AWAIT_RUNNING -> SWITCH;
            case KILL_OLD -> END_OLD;
            case RESET_SURVIVOR, LOG_DONE, PUBLISH, REPORT, CLOSED -> DONE;
            default -> BEGIN;
        };
    }

    /** As a column: {@code startNewMillis}. */
    String column() {
        String[] words = name().toLowerCase(Locale.ROOT).split("_", -1);
        var column = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            column.append(Character.toUpperCase(words[i].charAt(0))).append(words[i].substring(1));
        }
        return column + "MillisP50";
    }
}
