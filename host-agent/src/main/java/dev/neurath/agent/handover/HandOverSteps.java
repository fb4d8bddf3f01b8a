package dev.neurath.agent.handover;

import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Input;

/** Performs an attempt's steps and says what came of each. */
public interface HandOverSteps {
    /**
     * Performs {@code attempt.step()}. Blocks until its effect is seen, refuted or given up; never throws for what a QEMU, a process or a disk did.
     */
    Input perform(HandOver attempt) throws InterruptedException;
}
