package dev.neurath.coordinator.api;

import dev.neurath.coordinator.feed.VmSentences;
import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.VmEntry;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a VM is where it is, and where it could go. */
final class VmExplanation {
    private VmExplanation() {}

    static Explanation of(VmEntry entry, FleetFacts fleet, Instant now) {
        VmState vm = entry.state();
        String trouble = vm.trouble() == null ? "" : " (" + vm.trouble() + ")";
        String held = vm.hold() == null ? "" : ", held by its owner";
        return new Explanation(
                "VM %s is %s%s%s %s, on host %s."
                        .formatted(
                                vm.id(), vm.phase(), trouble, held, Explanation.since(entry.since(), now), vm.host()),
                happened(vm, entry.into()),
                safe(vm),
                blocks(vm),
                canDo(vm),
                VmWays.of(vm, fleet));
    }

    private static String happened(VmState vm, @Nullable VmEvent into) {
        VmEvent end = vm.lastEnd();
        if (vm.inFlight()) {
            Attempt attempt = vm.attempt();
            return attempt == null
                    ? "An attempt is in flight."
                    : "Attempt %d of rollout %s hands it over to release %s by %s."
                            .formatted(vm.attemptNumber(), attempt.rollout(), attempt.release(), attempt.method());
        }
        if (vm.phase() == VmPhase.GONE && into != null) {
            return VmSentences.of(vm.id(), into).text();
        }
        if (end != null) {
            return "The last attempt: " + VmSentences.of(vm.id(), end).text();
        }
        return switch (vm.phase()) {
            case STARTING -> "Its host's agent was ordered to start it and has not answered yet.";
            case STOPPING -> "Its host's agent was ordered to stop it and has not answered yet.";
            default -> "No attempt was ever made on it.";
        };
    }

    private static String safe(VmState vm) {
        String runs = runs(vm);
        return switch (vm.phase()) {
            case ABSENT, STARTING -> "Nothing runs yet that could be harmed.";
            case STEADY, QUARANTINED, STOPPING -> runs;
            case PREPARING, READY -> runs + " The guest is not touched while the second QEMU is prepared.";
            case SWITCHING ->
                "Its agent alone decides now which QEMU goes on; it ends in upgraded or as it was, also if this node dies.";
            case VERIFYING -> runs + " The old QEMU is gone; a sign of life of the guest is awaited.";
            case UNCERTAIN ->
                "Nothing is done to it until its agent answers; the attempt is fenced, so it cannot start late.";
            case GONE -> "Nothing of it runs any more.";
            case LOST -> "Its memory is kept as evidence.";
        };
    }

    private static String runs(VmState vm) {
        var revision = vm.revision();
        var process = vm.process();
        return revision == null || process == null
                ? "It runs."
                : "It runs on QEMU %s (release %s), pid %d."
                        .formatted(revision.version(), revision.release(), process.pid());
    }

    private static String blocks(VmState vm) {
        Attempt attempt = vm.attempt();
        String rollout = attempt == null ? "its rollout" : "rollout " + attempt.rollout();
        return switch (vm.phase()) {
            case PREPARING, READY, SWITCHING, VERIFYING -> "It holds one place of the budget of %s.".formatted(rollout);
            case UNCERTAIN ->
                "It holds one place of the budget of %s until it is settled, and keeps it from completing."
                        .formatted(rollout);
            case QUARANTINED ->
                "No rollout takes it before it is released; it counts against the limit of quarantined VMs.";
            case LOST -> "It counts as a failure of %s.".formatted(rollout);
            case STEADY -> vm.hold() == null ? "Nothing." : "Every rollout skips it.";
            case ABSENT, STARTING, STOPPING, GONE -> "Nothing.";
        };
    }

    private static List<String> canDo(VmState vm) {
        var commands = new ArrayList<String>();
        String id = vm.id().value();
        switch (vm.phase()) {
            case QUARANTINED -> {
                commands.add("neurath vm release " + id);
                commands.add("neurath vm stop " + id);
            }
            case LOST -> commands.add("neurath vm release " + id + "   # gives up the evidence");
            case UNCERTAIN -> {
                commands.add("neurath host show " + vm.host());
                commands.add("neurath host declare-dead " + vm.host()
                        + " --evidence 'powered off'   # only if you know that it is dead");
            }
            case STEADY -> {
                if (vm.hold() != null) {
                    commands.add("neurath vm unhold " + id);
                }
                addReason(commands, vm.lastEnd());
            }
            case STARTING, STOPPING -> commands.add("neurath host show " + vm.host());
            case GONE -> commands.add("neurath vm start -f VM.yaml");
            case ABSENT, PREPARING, READY, SWITCHING, VERIFYING -> {}
        }
        commands.add("neurath vm timeline " + id);
        return List.copyOf(commands);
    }

    private static void addReason(List<String> commands, @Nullable VmEvent end) {
        String code = endCode(end);
        if (!code.isEmpty()) {
            commands.add("neurath explain " + code);
        }
    }

    /** @return why an attempt did not upgrade the VM, or empty */
    static String endCode(@Nullable VmEvent end) {
        if (end instanceof VmEvent.RolledBack rolledBack) {
            return rolledBack.reason();
        }
        return end instanceof VmEvent.UpgradeRefused refused ? refused.refusal().code() : "";
    }
}
