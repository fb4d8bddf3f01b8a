package dev.neurath.model.handover;

/** What the old process is, as far as can be told now. */
public enum OldStatus {
    /** The guest runs here. */
    RUNNING,
    /** The guest is here and stopped for a reason of its own or its owner's, not by a migration. */
    HELD,
    /** A migration is under way. */
    MIGRATING,
    /** Stopped by a migration that is over: state and memory are intact, {@code cont} lets it run. */
    POST,
    /** Every task of it is stopped by SIGSTOP. */
    FROZEN,
    /** Alive, and its control socket does not answer. */
    MUTE,
    DEAD;

    boolean owns() {
        return this == RUNNING || this == HELD;
    }
}
