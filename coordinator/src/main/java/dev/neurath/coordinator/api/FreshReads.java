package dev.neurath.coordinator.api;

import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.FleetProjection;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads that see everything that was durable before they were asked for: a client sees its own command, whichever node it then asks.
 */
public final class FreshReads {
    private final FleetProjection projection;
    private final Duration patience;

    public FreshReads(FleetProjection projection, Duration patience) {
        this.projection = projection;
        this.patience = patience;
    }

    /** As fresh as can be had in time: to look at, an old answer is better than none. */
    <T> T look(Function<FleetFacts, T> read) throws InterruptedException {
        projection.catchUp(patience);
        return projection.read(read);
    }

    /** Fresh or not at all: to decide from. */
    <T> T decideFrom(Function<FleetFacts, T> read) throws InterruptedException {
        if (!projection.catchUp(patience)) {
            throw Refused.unavailable("This node's view of the fleet could not be brought up to date within %d ms%s."
                    .formatted(
                            patience.toMillis(),
                            projection.stopped().map(", for "::concat).orElse("")));
        }
        return projection.read(read);
    }

    /** Waits for a consequence that is not the command's own event. */
    boolean awaitUntil(Predicate<FleetFacts> condition) throws InterruptedException {
        return projection.awaitUntil(condition, patience);
    }
}
