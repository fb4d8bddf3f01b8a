package dev.neurath.model.rollout;

import dev.neurath.model.budget.Budget;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout has to keep. A gate closes when a count reaches its limit; -1 = never.
 *
 * @param pause the longest pause of a guest; null = each VM's own pause budget
 * @param failures VMs that ended as they were although the attempt had been accepted, or that went with their host
 * @param quarantined VMs whose guest fell silent after the hand-over
 * @param overPause VMs whose pause was longer than allowed
 */
public record Limits(
        Budget budget, @Nullable Duration pause, int failures, int quarantined, int overPause, OnLimit onLimit) {
    /** One host's worth of care: few at a time, and the first sign of trouble stops it. */
    public static final Limits DEFAULT = new Limits(new Budget(100, 0, 2, 0, 0), null, 1, 1, 1, OnLimit.PAUSE);
}
