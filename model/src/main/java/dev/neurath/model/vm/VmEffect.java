package dev.neurath.model.vm;

import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import org.jspecify.annotations.Nullable;

/** What follows from a durable event. All of them may be run again after a crash. */
public sealed interface VmEffect {
    /** To the agent of {@code host}; repeated until a fact answers. */
    record Order(HostId host, VmOrder order) implements VmEffect {}

    /** The fact is durable: the agent may forget it. */
    record Acknowledge(HostId host, FactStamp stamp) implements VmEffect {}

    /**
     * Tell the rollout how its attempt ended.
     *
     * @param pause null if the guest was never stopped as far as its agent told
     */
    record Tell(
            RolloutId rollout,
            int attemptNumber,
            VmEvent ended,
            @Nullable Pause pause) implements VmEffect {}

    /**
     * An agent has carried out a generation that no event of this VM assigned: the journal is older than its agents, as one is that was restored from a
     * backup. Answered with {@link VmCommand.FleetFrozen} once nothing new begins in the fleet; until then its report neither counts nor is acknowledged,
     * so that it is repeated whoever dies in between.
     */
    record JournalBehind(VmCommand.Report report, Generation told, Generation known) implements VmEffect {}

    /** Wake up with {@link VmCommand.DeadlinePassed} when the phase has not changed in the time allowed for it. */
    record AwaitDeadline(Generation generation, VmPhase phase) implements VmEffect {}
}
