package dev.neurath.model.rollout;

/** Where a VM of a rollout stands. */
public enum Progress {
    WAITING,
    /** Its attempt was ordered and has not come to an end; UNCERTAIN counts here, and keeps its token. */
    IN_FLIGHT,
    UPGRADED,
    /** Its attempt was accepted and failed; the guest runs on as before. */
    AS_IT_WAS,
    /** Nothing was begun, for a reason. */
    REFUSED,
    /** It runs, and a human should look at it. */
    QUARANTINED,
    /** It ended by its owner, by itself or with its host. */
    GONE,
    LOST;

    public boolean isOver() {
        return this != WAITING && this != IN_FLIGHT;
    }
}
