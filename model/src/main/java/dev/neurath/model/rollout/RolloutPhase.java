package dev.neurath.model.rollout;

/** Where a rollout stands. The table in {@link RolloutRules} says how it gets from one to the next. */
public enum RolloutPhase {
    /** Never applied. */
    ABSENT,
    /** VMs of the current wave, and retried ones of earlier waves, are being taken. */
    RUNNING,
    /** A wave is done and watched before the next one. */
    BAKING,
    /** Nothing new starts until a human resumes; what is in flight finishes. */
    PAUSED,
    /** Nothing new starts any more; what is in flight finishes. */
    ABORTING,
    /** Every wave was done. */
    COMPLETE,
    /** Ended early by a human. */
    ABORTED,
    /** Ended early by its own limits. */
    FAILED
}
