package dev.neurath.model.vm;

/** What an outside probe says of the guest after a hand-over. */
public enum Health {
    /** A sign of life was seen after the switch. */
    ALIVE,
    /** There was a sign of life before the switch, and none since, for the whole time allowed. */
    SILENT,
    /** No probe, or none that gave a sign before the switch: nothing can be concluded. */
    UNKNOWN
}
