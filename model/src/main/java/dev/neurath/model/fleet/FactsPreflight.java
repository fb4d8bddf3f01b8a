package dev.neurath.model.fleet;

import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.proof.Judgement;
import dev.neurath.model.release.Release;
import dev.neurath.model.release.ReleaseFacts;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The pre-flight: by facts and by what agents found out on machines without a guest; it starts nothing itself. No version of QEMU stands in it: what a release can do is data. */
public final class FactsPreflight implements Preflight {
    /** A staged second QEMU took 14 to 37 MB of its own whatever the guest's RAM; doubled. */
    static final long SECOND_PROCESS_BYTES = 64L << 20;

    /** Page tables of the second mapping of RAM: 8 bytes for 4096. */
    private static final long RAM_PER_PAGE_TABLE = 512;

    @Override
    public Optional<Refusal> refuses(PreflightFacts facts) {
        VmState vm = facts.vm();
        HostView host = facts.host();
        VmSpec spec = vm.spec();
        Revision revision = facts.runs();
        if (host == null || !host.connected()) {
            return no(
                    "HOST_UNREACHABLE",
                    "Host %s of VM %s is not connected.".formatted(vm.host(), vm.id()),
                    "neurath host show " + vm.host());
        }
        if (host.cordon() != null) {
            return no(
                    "HOST_CORDONED",
                    "Host %s of VM %s is cordoned: %s".formatted(host.id(), vm.id(), host.cordon()),
                    "neurath host uncordon " + host.id());
        }
        if (vm.phase() != VmPhase.STEADY || revision == null || spec == null) {
            return no("VM_NOT_STEADY", "VM %s is %s.".formatted(vm.id(), vm.phase()), "neurath explain " + vm.id());
        }
        if (vm.hold() != null) {
            return no(
                    "HELD_BY_OWNER",
                    "VM %s is held by its owner: %s".formatted(vm.id(), vm.hold()),
                    "neurath vm unhold " + vm.id());
        }
        if (revision.release().equals(facts.to().id())) {
            return no(
                    "ALREADY_THERE",
                    "VM %s runs release %s already."
                            .formatted(vm.id(), facts.to().id()),
                    "nothing to do");
        }
        if (facts.wayBack() && facts.from() == null) {
            return no(
                    "WAY_BACK_NONE",
                    "Release %s, which VM %s would have to go back to, is not registered."
                            .formatted(revision.release(), vm.id()),
                    "register it, or plan with wayBack: optional");
        }
        return hardware(facts, spec, Hardware.of(spec))
                .or(() -> memory(host, vm, spec))
                .or(() -> back(facts));
    }

    @Override
    public Optional<Refusal> refuses(PreflightFacts facts, Method method) {
        return byAbilities(facts, method)
                .or(() -> facts.proof() == null
                        ? Optional.empty()
                        : Judgement.refuses(facts.vm().id(), method, facts.proof()));
    }

    @Override
    public boolean refusesByStateOnly(PreflightFacts facts, Method method) {
        return facts.proof() != null
                && byAbilities(facts, method).isEmpty()
                && Judgement.blamesTheState(method, facts.proof());
    }

    private static Optional<Refusal> byAbilities(PreflightFacts facts, Method method) {
        Optional<Refusal> learnt = facts.pairRefusal(method);
        if (learnt.isPresent()) {
            return learnt;
        }
        for (Need need : needs(facts, method)) {
            if (need.isKnownMissing()) {
                return no(
                        need.code(),
                        "VM %s: release %s lacks %s, which %s needs."
                                .formatted(
                                        facts.vm().id(),
                                        need.releaseId(),
                                        need.ability(),
                                        method.name()
                                                .toLowerCase(java.util.Locale.ROOT)
                                                .replace('_', '-')),
                        "let the planner use another method");
            }
        }
        return Optional.empty();
    }

    private static Optional<Refusal> back(PreflightFacts facts) {
        return facts.proof() == null || !facts.wayBack()
                ? Optional.empty()
                : Judgement.refusesBack(facts.vm().id(), facts.proof());
    }

    private static Optional<Refusal> hardware(PreflightFacts facts, VmSpec spec, Hardware hardware) {
        ReleaseFacts known = facts.to().facts();
        boolean machineMissing = known != null
                && !known.machineTypes().isEmpty()
                && !known.machineTypes().contains(spec.machine());
        if (machineMissing) {
            return no(
                    "MACHINE_TYPE_UNKNOWN",
                    "VM %s has machine type %s, which release %s does not know."
                            .formatted(spec.id(), spec.machine(), facts.to().id()),
                    "choose a release that knows it, or give the VM a newer machine type at its next start");
        }
        if (hardware.privateMemory().isPresent()) {
            return no(
                    "MEMORY_PRIVATE",
                    "VM %s has memory that no other process can map: %s"
                            .formatted(spec.id(), hardware.privateMemory().get()),
                    "start it with all its memory in shared files");
        }
        return hardware.notCarried()
                .flatMap(device -> no(
                        "DEVICE_CLASS",
                        "VM %s has a %s, whose state no method can hand over.".formatted(spec.id(), device),
                        "unplug it, or leave the VM out by a label selector"));
    }

    private static Optional<Refusal> memory(HostView host, VmState vm, VmSpec spec) {
        long free = host.facts().freeMemoryBytes();
        long needed = SECOND_PROCESS_BYTES + spec.memoryBytes() / RAM_PER_PAGE_TABLE;
        // 0 = the agent told nothing.
        return free > 0 && free < needed
                ? no(
                        "NO_FREE_MEMORY",
                        "Host %s has %d MB free, and the second QEMU of VM %s needs %d MB."
                                .formatted(host.id(), free >> 20, vm.id(), needed >> 20),
                        "free memory on host " + host.id())
                : Optional.empty();
    }

    private static List<Need> needs(PreflightFacts facts, Method method) {
        Revision revision = facts.runs();
        ReleaseId fromId = revision == null ? facts.to().id() : revision.release();
        return switch (method) {
            case CPR_TRANSFER ->
                List.of(
                        need(fromId, facts.from(), ReleaseFacts.CPR_TRANSFER_OUT, "METHOD_NOT_POSSIBLE"),
                        need(facts.to().id(), facts.to(), ReleaseFacts.CPR_TRANSFER_IN, "METHOD_NOT_POSSIBLE"),
                        need(fromId, facts.from(), ReleaseFacts.AUX_RAM_SHARE, "AUX_RAM_NOT_SHARED"));
            case SHARED_RAM ->
                List.of(
                        need(fromId, facts.from(), ReleaseFacts.IGNORE_SHARED, "METHOD_NOT_POSSIBLE"),
                        need(facts.to().id(), facts.to(), ReleaseFacts.IGNORE_SHARED, "METHOD_NOT_POSSIBLE"));
        };
    }

    private static Need need(ReleaseId id, @Nullable Release release, String ability, String code) {
        return new Need(id, release == null ? null : release.facts(), ability, code);
    }

    private static Optional<Refusal> no(String code, String sentence, String wayOut) {
        return Optional.of(Refusal.of(code, sentence, wayOut));
    }

    /** An ability that a method asks of a release. */
    private record Need(ReleaseId releaseId, @Nullable ReleaseFacts facts, String ability, String code) {
        boolean isKnownMissing() {
            return facts != null && !facts.can(ability);
        }
    }
}
