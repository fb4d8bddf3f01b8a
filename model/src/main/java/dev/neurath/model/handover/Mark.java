package dev.neurath.model.handover;

/** The last record of an attempt in the agent's log; "L" in the recovery table. */
public enum Mark {
    /** The second process may exist; the guest was never asked to stop. On disk. */
    BEGIN,
    /** The guest may be stopped. From here to DONE in memory that outlives the agent, not the host. */
    SWITCH,
    /** The pivot: once old is frozen or dead, new may run. */
    COMMIT,
    /** Old may run again: new must never be let run any more. */
    UNDO,
    /** Both were found running: both are to be frozen and left to a human. */
    QUARANTINE,
    /** Over. On disk. */
    DONE
}
