package dev.neurath.model.vm;

import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import java.time.Duration;

/**
 * One attempt to hand a VM over, as it was ordered.
 *
 * @param fromVersion what the running QEMU must say of itself, or the attempt is refused as stale
 * @param pauseLimit the agent gives up and lets the old QEMU go on when the guest has been stopped for longer before COMMIT
 */
public record Attempt(
        Generation generation,
        RolloutId rollout,
        int wave,
        ReleaseId release,
        Method method,
        String fromVersion,
        Duration pauseLimit) {}
