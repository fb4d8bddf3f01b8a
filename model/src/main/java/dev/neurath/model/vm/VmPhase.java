package dev.neurath.model.vm;

/** Where a VM stands. The table in {@link VmRules} says how it gets from one to the next. */
public enum VmPhase {
    /** Never heard of. */
    ABSENT,
    /** Being started by its agent. */
    STARTING,
    /** One QEMU runs it, nothing is going on. */
    STEADY,
    /** A second QEMU is being prepared beside it; the guest never stops here. */
    PREPARING,
    /** The second QEMU stands ready, under the agent's lease. */
    READY,
    /** The agent has been authorized to decide: from here on only it knows when the guest stops and who resumes it. */
    SWITCHING,
    /** The guest runs on the new QEMU; a sign of life is awaited. */
    VERIFYING,
    /** No contact: asked and fenced; a place of rest until a fact settles it. */
    UNCERTAIN,
    /** It runs, and a human should look before anything else is done to it. */
    QUARANTINED,
    /** Being ended by its owner's order. */
    STOPPING,
    /** Ended by its owner or by itself. */
    GONE,
    /** No living process holds its device state. Its memory is kept as evidence. */
    LOST
}
