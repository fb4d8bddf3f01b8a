package dev.neurath.model.vm;

import java.time.Duration;

/** How long the guest was stopped, as the agent measured it on its monotonic clock. */
public sealed interface Pause {
    /** The guest was never stopped. */
    record None() implements Pause {}

    /** STOP of the old side to the resumption of either side. */
    record Measured(Duration duration) implements Pause {}

    /** The agent crashed within the pause: it was at least this long, and nobody knows more. */
    record Unknown(Duration atLeast) implements Pause {}
}
