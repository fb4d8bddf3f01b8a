package dev.neurath.model.vm;

import dev.neurath.model.Generation;

/** What an agent is told to do with a VM. Every order carries its generation; sent again it changes nothing. */
public sealed interface VmOrder {
    Generation generation();

    record Start(Generation generation, VmSpec spec) implements VmOrder {}

    /** Answered like Start; refused, its process is left as it is. */
    record Adopt(Generation generation, VmSpec spec, Adoption adoption) implements VmOrder {}

    record Stop(Generation generation) implements VmOrder {}

    record Prepare(Generation generation, Attempt attempt) implements VmOrder {}

    record Switch(Generation generation) implements VmOrder {}

    /** Ask and fence in one: no other order of this generation or below will be carried out after it is answered. */
    record Resolve(Generation generation) implements VmOrder {}
}
