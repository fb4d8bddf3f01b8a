package dev.neurath.coordinator.traces;

/** Told what became of traces. Must not block or throw. */
public interface TraceCounts {
    void exported(int traces);

    void dropped(int traces, Cause cause);

    /** Why a trace was never taken by the collector. */
    enum Cause {
        /** More waited than are kept. */
        TOO_MANY,
        /** It waited for longer than it is kept. */
        TOO_OLD,
        /** It cannot be made: a mistake of ours. */
        NOT_MADE
    }
}
