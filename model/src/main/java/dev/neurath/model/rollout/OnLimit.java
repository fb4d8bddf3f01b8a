package dev.neurath.model.rollout;

/** What a rollout does when a limit is reached. */
public enum OnLimit {
    /** Nothing new starts until a human resumes. */
    PAUSE,
    /** Nothing new starts any more. */
    ABORT,
    /** As abort, and what the wave did is taken back. */
    REVERT
}
