package dev.neurath.model.vm;

/** Whether the guest's own state is shown to a throw-away of the new release before it is handed over: one more stop of a few milliseconds. */
public enum Rehearsal {
    NONE,
    /** It must not be refused; one that could not be held says nothing. */
    ADVISES,
    /** It alone can say that the hand-over works: it must be passed. */
    DECIDES
}
