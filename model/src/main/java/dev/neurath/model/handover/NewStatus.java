package dev.neurath.model.handover;

/** What the new process is, as far as can be told now. */
public enum NewStatus {
    /** Waiting for the state, or loading it. */
    LOADING,
    /** Loaded and paused: {@code cont} lets the guest run here. */
    STAGED,
    /** The guest runs here, or did: some states are reached only by having run. */
    RUN,
    /** Alive and never able to run this guest: it refused the state, or is a rehearsal's throw-away. */
    BAD,
    /** Alive, and its control socket does not answer. */
    MUTE,
    /** Dead, or never started. */
    DEAD
}
