package dev.neurath.model.release;

import dev.neurath.model.Actor;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.proof.Proof;

/** What the catalog can be asked. */
public sealed interface ReleaseCommand {
    record Register(Release release, Actor by) implements ReleaseCommand {}

    record LearnFacts(ReleaseId release, ReleaseFacts facts) implements ReleaseCommand {}

    record LearnPairRefusal(PairRefusal pair) implements ReleaseCommand {}

    record LearnProof(Proof proof) implements ReleaseCommand {}
}
