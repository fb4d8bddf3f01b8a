package dev.neurath.coordinator.feed;

import dev.neurath.coordinator.fleet.Subject;
import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.BudgetEvent;
import dev.neurath.model.host.HostEvent;
import dev.neurath.model.release.ReleaseEvent;
import dev.neurath.model.rollout.RolloutEvent;
import dev.neurath.model.vm.VmEvent;

/** One human sentence for every kind of event, with its severity, reason and actor. */
public final class EventSentences {
    private EventSentences() {}

    public static Sentence of(Subject subject, Object event) {
        return switch (event) {
            case VmEvent e -> VmSentences.of(new VmId(subject.id()), e);
            case HostEvent e -> HostSentences.of(new HostId(subject.id()), e);
            case RolloutEvent e -> RolloutSentences.of(new RolloutId(subject.id()), e);
            case BudgetEvent e -> budget(e);
            case ReleaseEvent e -> release(e);
            default ->
                throw new IllegalArgumentException("no sentence for %s of %s".formatted(event.getClass(), subject));
        };
    }

    private static Sentence budget(BudgetEvent event) {
        return switch (event) {
            case BudgetEvent.TokenGranted e ->
                Sentence.info("Token %d: VM %s on host %s may be in flight for rollout %s."
                                .formatted(
                                        e.token().number(),
                                        e.token().place().vm(),
                                        e.token().place().host(),
                                        e.token().rollout()))
                        .by("rollout/" + e.token().rollout());
            case BudgetEvent.TokenReleased e ->
                Sentence.info("Token %d is back: VM %s is not in flight any more.".formatted(e.number(), e.vm()));
            case BudgetEvent.Frozen e ->
                Sentence.warning(
                                "FROZEN",
                                "The fleet is frozen, nothing new starts: %s"
                                        .formatted(VmSentences.dotted(e.freeze().reason())))
                        .by(e.freeze().by().name());
            case BudgetEvent.Thawed e ->
                Sentence.info("The fleet is not frozen any more.").by(e.by().name());
            case BudgetEvent.FleetBudgetSet e ->
                Sentence.info(
                                "The fleet's budget is now %d VMs in flight, %d busy hosts, %d per host, %d per rack, %d per zone (0 = no limit)."
                                        .formatted(
                                                e.budget().vmsInFlight(),
                                                e.budget().hostsBusy(),
                                                e.budget().perHost(),
                                                e.budget().perRack(),
                                                e.budget().perZone()))
                        .by(e.by().name());
        };
    }

    private static Sentence release(ReleaseEvent event) {
        return switch (event) {
            case ReleaseEvent.Registered e ->
                Sentence.info("Release %s (QEMU %s, %d files) is registered."
                                .formatted(
                                        e.release().id(),
                                        e.release().version(),
                                        e.release().files().size()))
                        .by(e.by().name());
            case ReleaseEvent.FactsLearnt e ->
                Sentence.info("Release %s knows %d machine types and can %s."
                        .formatted(
                                e.release(),
                                e.facts().machineTypes().size(),
                                String.join(", ", e.facts().abilities())));
            case ReleaseEvent.ProofLearnt e ->
                Sentence.info("From release %s to %s, machines of shape %s: %s"
                        .formatted(e.proof().from(), e.proof().to(), e.proof().shape(), ProofText.summary(e.proof())));
            case ReleaseEvent.PairRefused e ->
                Sentence.warning(
                        e.pair().refusal().code(),
                        "From release %s to %s, %s is not possible: %s"
                                .formatted(
                                        e.pair().from(),
                                        e.pair().to(),
                                        e.pair().method(),
                                        VmSentences.dotted(e.pair().refusal().sentence())));
        };
    }
}
