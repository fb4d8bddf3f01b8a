package dev.neurath.model.rollout;

/** {@code method.rehearsal}: when a guest's own state is tried before it is handed over, at the price of one more stop. */
public enum RehearsalPolicy {
    OFF,
    /** Where a machine like it was refused without a guest, and this guest was born on another release: only its own state can tell. */
    WHEN_CLONE_REFUSED,
    ALWAYS
}
