package dev.neurath.model.vm;

import dev.neurath.model.Decision;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import java.util.ArrayList;
import java.util.List;

/**
 * What a VM concludes from its agent's facts. A fact counts only from the host that has the VM, only if it is newer than the last one that counted,
 * and only for the generation it names; what is late or repeated is acknowledged, so that the agent stops repeating it, and changes nothing. What another
 * host says is refused, which lets that agent forget it too.
 */
final class VmFacts {
    private VmFacts() {}

    /** @param frozen whether nothing new begins in the fleet, should this report show that the journal is older than its agents */
    static Decision<VmEvent, VmEffect> decide(VmState vm, VmCommand.Report report, boolean frozen) {
        if (!report.host().equals(vm.host())) {
            return foreign(vm, report);
        }
        // Even from a fact that is late for anything else.
        if (!frozen
                && report.fact() instanceof VmFact.Inventory f
                && f.highest().isAfter(vm.generation())) {
            return Decision.accept(
                    List.of(), List.of(new VmEffect.JournalBehind(report, f.highest(), vm.generation())));
        }
        if (!report.stamp().isAfter(vm.stamp())) {
            return acknowledged(report.host(), report.stamp());
        }
        return switch (report.fact()) {
            case VmFact.Started f ->
                vm.phase() == VmPhase.STARTING && isOf(vm, f.generation())
                        ? accept(vm, report, new VmEvent.Started(f.revision(), f.process(), report.stamp()))
                        : late(vm, report, f.generation());
            case VmFact.StartFailed f ->
                vm.phase() == VmPhase.STARTING && isOf(vm, f.generation())
                        ? accept(vm, report, new VmEvent.StartFailed(f.refusal(), report.stamp()))
                        : late(vm, report, f.generation());
            case VmFact.Ready f ->
                vm.phase() == VmPhase.PREPARING && isOf(vm, f.generation())
                        ? accept(
                                vm,
                                report,
                                new VmEvent.Prepared(f.generation(), report.stamp()),
                                new VmEvent.SwitchAuthorized(f.generation()))
                        : late(vm, report, f.generation());
            case VmFact.Refused f ->
                attemptFact(
                        vm,
                        report,
                        f.generation(),
                        new VmEvent.UpgradeRefused(f.generation(), f.refusal(), report.stamp()));
            case VmFact.Closed f ->
                attemptFact(vm, report, f.generation(), new VmEvent.AttemptClosed(f.generation(), report.stamp()));
            case VmFact.Settling f -> acknowledged(report.host(), report.stamp());
            case VmFact.Ended f -> attemptFact(vm, report, f.generation(), ended(f, report.stamp()));
            case VmFact.HealthSeen f -> health(vm, report, f);
            case VmFact.Exited f -> exited(vm, report, f);
            case VmFact.Inventory f -> inventory(vm, report, f);
        };
    }

    /** Of a host that does not have the VM: it will never count, so the agent may forget it. A process that lives there may be a second owner of the guest. */
    private static Decision<VmEvent, VmEffect> foreign(VmState vm, VmCommand.Report report) {
        String place = vm.host() == null ? "nowhere" : "on " + vm.host();
        return switch (report.fact()) {
            case VmFact.Started f -> stray(vm, report.host(), f.process(), place);
            case VmFact.Inventory f -> stray(vm, report.host(), f.process(), place);
            default ->
                Decision.refuse(
                        "NOT_THIS_HOST",
                        "Host %s reported on VM %s, which is %s.".formatted(report.host(), vm.id(), place),
                        "neurath vm show " + vm.id());
        };
    }

    private static Decision<VmEvent, VmEffect> stray(VmState vm, HostId host, QemuProcess process, String place) {
        return Decision.refuse(
                "STRAY_QEMU",
                "Process %d on host %s runs VM %s, which is %s: it may run twice."
                        .formatted(process.pid(), host, vm.id(), place),
                "look at that process; end it if the VM runs elsewhere");
    }

    /** A fact that ends the attempt in flight: it counts in every phase whose table row knows it. */
    private static Decision<VmEvent, VmEffect> attemptFact(
            VmState vm, VmCommand.Report report, Generation generation, VmEvent event) {
        return isOf(vm, generation)
                        && vm.inFlight()
                        && VmRules.TABLE.find(vm.phase(), event).isPresent()
                ? accept(vm, report, event)
                : late(vm, report, generation);
    }

    private static VmEvent ended(VmFact.Ended fact, FactStamp stamp) {
        Generation g = fact.generation();
        return switch (fact.outcome()) {
            case Outcome.Upgraded o ->
                new VmEvent.HandedOver(g, o.pause(), o.revision(), o.process(), o.footprint(), stamp);
            case Outcome.AsItWas o ->
                new VmEvent.RolledBack(g, o.pause(), o.reason(), o.sentence(), o.reachedSwitching(), stamp);
            case Outcome.Gone o -> new VmEvent.Ended(o.reason(), o.sentence(), stamp);
            case Outcome.Lost o -> new VmEvent.Lost(g, o.sentence(), stamp);
            case Outcome.GoneWithHost o ->
                new VmEvent.Ended("GONE_WITH_HOST", "The host was rebooted during the attempt.", stamp);
            case Outcome.DoubleRun o -> new VmEvent.DoubleRunFound(g, o.sentence(), stamp);
        };
    }

    private static Decision<VmEvent, VmEffect> health(VmState vm, VmCommand.Report report, VmFact.HealthSeen f) {
        if (vm.phase() != VmPhase.VERIFYING || !isOf(vm, f.generation())) {
            return late(vm, report, f.generation());
        }
        return f.health() == Health.SILENT
                ? accept(vm, report, new VmEvent.GuestSilent(f.generation(), f.evidence(), report.stamp()))
                : accept(vm, report, new VmEvent.Verified(f.generation(), f.health(), f.evidence(), report.stamp()));
    }

    private static Decision<VmEvent, VmEffect> exited(VmState vm, VmCommand.Report report, VmFact.Exited f) {
        return switch (vm.phase()) {
            case STEADY, VERIFYING, QUARANTINED, STOPPING ->
                accept(vm, report, new VmEvent.Ended(f.reason(), f.sentence(), report.stamp()));
            // While an attempt is open its own outcome says what became of the guest; this one is asked for again.
            case STARTING, PREPARING, READY, SWITCHING, UNCERTAIN -> Decision.ignore();
            case ABSENT, GONE, LOST -> acknowledged(report.host(), report.stamp());
        };
    }

    private static Decision<VmEvent, VmEffect> inventory(VmState vm, VmCommand.Report report, VmFact.Inventory f) {
        boolean behind = f.highest().isAfter(vm.generation());
        boolean known = f.revision().equals(vm.revision()) && f.process().equals(vm.process()) && !behind;
        return vm.phase() == VmPhase.STEADY && !known
                ? accept(vm, report, new VmEvent.RevisionSeen(f.revision(), f.process(), f.highest(), report.stamp()))
                : acknowledged(report.host(), report.stamp());
    }

    private static boolean isOf(VmState vm, Generation generation) {
        return vm.generation().equals(generation);
    }

    /** Of an older generation: obsolete for ever. Of this one: perhaps early, so the agent is left to repeat it until the attempt is over. */
    private static Decision<VmEvent, VmEffect> late(VmState vm, VmCommand.Report report, Generation generation) {
        boolean early = isOf(vm, generation) && vm.inFlight();
        boolean unheardOf = generation.isAfter(vm.generation());
        return early || unheardOf ? Decision.ignore() : acknowledged(report.host(), report.stamp());
    }

    private static Decision<VmEvent, VmEffect> acknowledged(HostId host, FactStamp stamp) {
        return Decision.accept(List.of(), List.of(new VmEffect.Acknowledge(host, stamp)));
    }

    private static Decision<VmEvent, VmEffect> accept(VmState vm, VmCommand.Report report, VmEvent... events) {
        var decision = (Decision.Accepted<VmEvent, VmEffect>) VmRules.then(vm, List.of(events));
        var effects = new ArrayList<VmEffect>();
        effects.add(new VmEffect.Acknowledge(report.host(), report.stamp()));
        effects.addAll(decision.effects());
        return Decision.accept(decision.events(), effects);
    }
}
