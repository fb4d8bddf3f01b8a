package dev.neurath.model.handover;

/** How an attempt ended on the host. */
public enum Ending {
    UPGRADED,
    AS_IT_WAS,
    /** SHUTDOWN was seen, or it died before anything of ours could have stopped it. */
    GONE,
    LOST,
    GONE_WITH_HOST,
    /** Both sides had run at once. */
    DOUBLE_RUN
}
