package dev.neurath.chaos.handover;

/** What may become of a guest that somebody interfered with, as /proc, its owner's monitor and its own beats say. */
public enum Fate {
    /** Runs in the new QEMU, and noticed nothing. */
    UPGRADED,
    /** Runs in the new QEMU; it was reset before and began anew. */
    UPGRADED_REBOOTED,
    /** Runs in the old QEMU, and noticed nothing. */
    AS_IT_WAS,
    /** Runs in the old QEMU; it was reset and began anew. */
    REBOOTED,
    /** Stands still in the old QEMU, as its owner wants it, and goes on when he lets it. */
    PAUSED,
    /** Ended by its owner or by itself: nothing of it lives, and so it is told. */
    GONE,
    LOST,
    QUARANTINED,
    /** Neither one nor the other within the time that there was. */
    UNSETTLED;

    boolean upgraded() {
        return this == UPGRADED || this == UPGRADED_REBOOTED;
    }

    boolean rebooted() {
        return this == UPGRADED_REBOOTED || this == REBOOTED;
    }

    boolean lives() {
        return switch (this) {
            case UPGRADED, UPGRADED_REBOOTED, AS_IT_WAS, REBOOTED, PAUSED -> true;
            case GONE, LOST, QUARANTINED, UNSETTLED -> false;
        };
    }
}
