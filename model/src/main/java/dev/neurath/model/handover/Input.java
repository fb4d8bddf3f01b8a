package dev.neurath.model.handover;

/** What came of a step, or what arrived meanwhile. */
public sealed interface Input {
    /** The step's effect is seen. For CONT_NEW: the bytes left. */
    record Done() implements Input {}

    /** The step's effect did not happen, or nobody knows. */
    record Failed(String code, String sentence) implements Input {}

    /** CONT_NEW only: provably no byte left. */
    record NotSent() implements Input {}

    /** CONT_NEW and AWAIT_RUNNING only: an error reply, and still paused, and no RESUME, all on one unbroken connection. */
    record ContRefused(String sentence) implements Input {}

    /** OBSERVE only. */
    record Observed(Sides sides) implements Input {}

    /** HOLD_READY only: the order was admitted. */
    record SwitchOrdered() implements Input {}

    /** In any step: Resolve or a cancel. Served in HOLD_READY and before COMMIT. */
    record CloseRequested(String code, String sentence) implements Input {}

    static Input done() {
        return new Done();
    }
}
