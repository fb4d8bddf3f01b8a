package dev.neurath.model.vm;

import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;

/** What an agent reports of a VM: repeated until the VM's own event acknowledges it, so every one may arrive twice and late. */
public sealed interface VmFact {
    /** Answers the start order {@code generation}. */
    record Started(Generation generation, Revision revision, QemuProcess process) implements VmFact {}

    /** Answers the start order: no process of this VM lives. */
    record StartFailed(Generation generation, Refusal refusal) implements VmFact {}

    /** The second QEMU stands ready; answers Prepare. */
    record Ready(Generation generation) implements VmFact {}

    /** Prepare or Switch was refused before the guest was touched, and the generation is closed. */
    record Refused(Generation generation, Refusal refusal) implements VmFact {}

    /** Answers Resolve: this generation never did anything to the VM and never will. */
    record Closed(Generation generation) implements VmFact {}

    /** Answers Resolve: the generation is closed to further orders, its attempt is still being settled; the outcome will follow. */
    record Settling(Generation generation) implements VmFact {}

    /** The attempt ended. */
    record Ended(Generation generation, Outcome outcome) implements VmFact {}

    record HealthSeen(Generation generation, Health health, String evidence) implements VmFact {}

    /** Outside any attempt: the VM's process ended. */
    record Exited(String reason, String sentence) implements VmFact {}

    /** What the agent finds running, sent after every connect; {@code highest} is its floor. */
    record Inventory(Generation highest, Revision revision, QemuProcess process) implements VmFact {}
}
