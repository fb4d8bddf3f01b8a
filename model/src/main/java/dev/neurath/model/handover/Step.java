package dev.neurath.model.handover;

import java.util.Locale;

/**
 * What the agent is doing for an attempt, one thing at a time. A step's effect may have happened although its answer never came: every step may be
 * repeated by {@link Recovery} after a look at both processes.
 */
public enum Step {
    // Prepare: the guest never stops.
    /** P2. FLOOR and BEGIN, durable. */
    LOG_BEGIN,
    /** P3. Identity, version, runstate, jobs, live graph against argv. */
    CHECK_OLD,
    /** P4. */
    START_NEW,
    /** P4, cpr-transfer only: `migrate` on old, which stays in `setup`. */
    OPEN_CHANNEL,
    /** P5. Version, devices, the same RAM in both. */
    CHECK_NEW,
    /** P6. READY, under a lease. */
    HOLD_READY,

    // Switch.
    /** S1. The guest is still the one that was checked. */
    CHECK_GUEST,
    /** S1. From here on the guest may be stopped. */
    LOG_SWITCH,
    /** S2. `migrate-incoming` on new. */
    CONNECT_NEW,
    /** S2, shared RAM only: `migrate` on old. */
    SEND_OLD,
    /** S3. Old POST and new STAGED. */
    AWAIT_STAGED,
    /** S4. The pivot. */
    LOG_COMMIT,
    /** S5. SIGSTOP, all tasks seen stopped. */
    FREEZE_OLD,
    /** S6. */
    CONT_NEW,
    /** S7. query-status says running. */
    AWAIT_RUNNING,
    /** S8. SIGKILL, seen dead. */
    KILL_OLD,

    // Rehearsal.
    /** Stop the guest, feed its state to the throw-away, read the verdict. Always followed by recovery. */
    REHEARSE,

    // Recovery.
    /** One look at both processes. */
    OBSERVE,
    LOG_UNDO,
    /** `migrate_cancel`, out of band `yank` if it does not answer. */
    CANCEL_OLD,
    /** SIGKILL, seen dead. */
    KILL_NEW,
    /** SIGCONT. */
    THAW_OLD,
    /** `cont` on old. */
    CONT_OLD,
    LOG_QUARANTINE,
    FREEZE_BOTH,
    /** A while, longer each time; then look again. */
    WAIT,

    // The end.
    /** Mode and capabilities of the survivor as they were; best effort. */
    RESET_SURVIVOR,
    /** Durable. */
    LOG_DONE,
    /** The new process's sockets and pidfile take their public names. */
    PUBLISH,
    /** S9. Until acknowledged. */
    REPORT,
    CLOSED;

    /** As on the command line: {@code freeze-old}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
