package dev.neurath.model.rollout;

/** A word of {@code method.prefer}. */
public enum MethodChoice {
    /** Any hand-over on the same host: the one that both releases are known to be able to do, the surest first. */
    HAND_OVER,
    CPR_TRANSFER,
    SHARED_RAM,
    /** To another host; this version has no candidate for it. */
    MIGRATE
}
