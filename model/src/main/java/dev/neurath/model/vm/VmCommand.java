package dev.neurath.model.vm;

import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import java.time.Duration;

/** What a VM can be asked or told. */
public sealed interface VmCommand {
    /** Start a VM that does not exist yet. */
    record Start(VmSpec spec, HostId host, Actor by) implements VmCommand {}

    /** Take over a VM that somebody else started. */
    record Adopt(VmSpec spec, HostId host, Adoption adoption, Actor by) implements VmCommand {}

    /** End the VM for good. */
    record Stop(Actor by) implements VmCommand {}

    /**
     * Begin an attempt. Repeated with the same rollout, wave and attempt number it changes nothing.
     *
     * @param attemptNumber number of the budget token held for it: grows over all rollouts, so that an order delayed on its way is recognised
     */
    record Upgrade(
            RolloutId rollout,
            int wave,
            int attemptNumber,
            ReleaseId release,
            Method method,
            String fromVersion,
            Duration pauseLimit,
            Rehearsal rehearsal)
            implements VmCommand {
        public Upgrade(
                RolloutId rollout,
                int wave,
                int attemptNumber,
                ReleaseId release,
                Method method,
                String fromVersion,
                Duration pauseLimit) {
            this(rollout, wave, attemptNumber, release, method, fromVersion, pauseLimit, Rehearsal.NONE);
        }
    }

    /** The owner wants no attempt to begin until {@link Unhold}. */
    record Hold(String reason, Actor by) implements VmCommand {}

    record Unhold(Actor by) implements VmCommand {}

    /** A human looked at a quarantined VM and lets it take part again. */
    record Release(Actor by) implements VmCommand {}

    /** A human's evidence that the host is dead, with a name to it. */
    record DeclareHostDead(HostId host, String evidence, Actor by) implements VmCommand {}

    /** From the agent. */
    record Report(HostId host, FactStamp stamp, VmFact fact) implements VmCommand {}

    /** The fleet is frozen because of what this report says, so it may count now. See {@link VmEffect.JournalBehind}. */
    record FleetFrozen(Report report) implements VmCommand {}

    /** The time given to this phase of this generation is over. */
    record DeadlinePassed(Generation generation, VmPhase phase) implements VmCommand {}
}
