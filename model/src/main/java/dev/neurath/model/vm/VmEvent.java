package dev.neurath.model.vm;

import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;

/** What happened to a VM. Past tense; durable before anything follows from it. */
public sealed interface VmEvent {
    /** {@code generation} fences the start order like any other. */
    record StartOrdered(VmSpec spec, HostId host, Generation generation, Actor by) implements VmEvent {}

    /** {@code spec} is what its agent found out; nobody starts a VM from it. */
    record AdoptOrdered(VmSpec spec, HostId host, Generation generation, Adoption adoption, Actor by)
            implements VmEvent {}

    record Started(Revision revision, QemuProcess process, FactStamp stamp) implements VmEvent {}

    record StartFailed(Refusal refusal, FactStamp stamp) implements VmEvent {}

    record UpgradeBegun(Attempt attempt, int attemptNumber) implements VmEvent {}

    record Prepared(Generation generation, FactStamp stamp) implements VmEvent {}

    /** The decision is the agent's from here on. */
    record SwitchAuthorized(Generation generation) implements VmEvent {}

    /** The agent refused before the guest was touched. */
    record UpgradeRefused(Generation generation, Refusal refusal, FactStamp stamp) implements VmEvent {}

    record HandedOver(
            Generation generation,
            Pause pause,
            Revision revision,
            QemuProcess process,
            Outcome.Footprint footprint,
            FactStamp stamp)
            implements VmEvent {}

    record RolledBack(
            Generation generation,
            Pause pause,
            String reason,
            String sentence,
            boolean reachedSwitching,
            FactStamp stamp)
            implements VmEvent {}

    /** The agent never did anything under this generation and never will. */
    record AttemptClosed(Generation generation, FactStamp stamp) implements VmEvent {}

    record ContactLost(Generation generation, VmPhase during) implements VmEvent {}

    record Verified(Generation generation, Health health, String evidence, FactStamp stamp) implements VmEvent {}

    record GuestSilent(Generation generation, String evidence, FactStamp stamp) implements VmEvent {}

    record DoubleRunFound(Generation generation, String sentence, FactStamp stamp) implements VmEvent {}

    /** It ended by its owner's hand, by itself or with its host. */
    record Ended(String reason, String sentence, FactStamp stamp) implements VmEvent {}

    record Lost(Generation generation, String sentence, FactStamp stamp) implements VmEvent {}

    record StopOrdered(Generation generation, Actor by) implements VmEvent {}

    record HoldPlaced(String reason, Actor by) implements VmEvent {}

    record HoldLifted(Actor by) implements VmEvent {}

    record Released(Actor by) implements VmEvent {}

    record HostDeclaredDead(HostId host, String evidence, Actor by) implements VmEvent {}

    /** The agent's own look at the one running process differs from what we knew, outside any attempt. */
    record RevisionSeen(Revision revision, QemuProcess process, Generation highest, FactStamp stamp)
            implements VmEvent {}
}
