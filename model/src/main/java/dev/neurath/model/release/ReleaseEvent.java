package dev.neurath.model.release;

import dev.neurath.model.Actor;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.proof.Proof;

/** What happened to the catalog of releases. */
public sealed interface ReleaseEvent {
    record Registered(Release release, Actor by) implements ReleaseEvent {}

    record FactsLearnt(ReleaseId release, ReleaseFacts facts) implements ReleaseEvent {}

    record PairRefused(PairRefusal pair) implements ReleaseEvent {}

    /** Replaces what was found out before about the same shape and pair. */
    record ProofLearnt(Proof proof) implements ReleaseEvent {}
}
