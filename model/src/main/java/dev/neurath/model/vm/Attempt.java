package dev.neurath.model.vm;

import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import java.time.Duration;

/**
 * One attempt to hand a VM over, as it was ordered.
 *
 * @param fromVersion what the running QEMU must say of itself, or the attempt is refused as stale
 * @param pauseLimit of all its stops together: the agent gives up and lets the old QEMU go on when the guest has been stopped for longer before COMMIT
 * @param rehearsal to be held before
 */
public record Attempt(
        Generation generation,
        RolloutId rollout,
        int wave,
        ReleaseId release,
        Method method,
        String fromVersion,
        Duration pauseLimit,
        Rehearsal rehearsal) {
    public Attempt(
            Generation generation,
            RolloutId rollout,
            int wave,
            ReleaseId release,
            Method method,
            String fromVersion,
            Duration pauseLimit) {
        this(generation, rollout, wave, release, method, fromVersion, pauseLimit, Rehearsal.NONE);
    }

    /** Of the same attempt, when part of what the guest may be stopped for was used up. */
    public Attempt withPauseLimit(Duration left) {
        return new Attempt(generation, rollout, wave, release, method, fromVersion, left, rehearsal);
    }
}
