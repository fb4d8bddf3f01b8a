package dev.neurath.model.release;

import dev.neurath.model.Actor;
import dev.neurath.model.ReleaseId;

/** What happened to the catalog of releases. */
public sealed interface ReleaseEvent {
    record Registered(Release release, Actor by) implements ReleaseEvent {}

    record FactsLearnt(ReleaseId release, ReleaseFacts facts) implements ReleaseEvent {}

    record PairRefused(PairRefusal pair) implements ReleaseEvent {}
}
