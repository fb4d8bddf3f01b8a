package dev.neurath.model.host;

/** Where a host stands. The table in {@link HostRules} says how it gets from one to the next. */
public enum HostPhase {
    /** No agent of this name ever called. */
    ABSENT,
    /** Its agent holds a live session. */
    CONNECTED,
    /** Its agent does not call; its guests run on. */
    UNREACHABLE,
    /** A human gave evidence that it is dead. It comes back only with another boot id. */
    DECLARED_DEAD
}
