package dev.neurath.model.handover;

/** What the second process is for. */
public enum Role {
    /** It is to take the guest over. */
    HAND_OVER,
    /** A throw-away that only shows whether the state can be loaded; it must never be let run, whatever it says of itself. */
    REHEARSAL
}
