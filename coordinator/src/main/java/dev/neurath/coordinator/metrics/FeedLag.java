package dev.neurath.coordinator.metrics;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a node's view is behind what is durable, by what waits now: a fleet where nothing happens has none, and a view that stands still has more and more.
 *
 * <p>An event has been waiting since it was written, but not for longer than there is the view: a node that folds the whole journal at its start is not
 * behind by the age of the fleet.
 */
final class FeedLag {
    private static final Logger LOG = LoggerFactory.getLogger(FeedLag.class);

    private final InstantSource clock;
    private final Supplier<Optional<Instant>> oldestWaiting;
    private final Instant since;
    private volatile Instant fresh;

    FeedLag(InstantSource clock, Supplier<Optional<Instant>> oldestWaiting) {
        this.clock = clock;
        this.oldestWaiting = oldestWaiting;
        this.since = clock.instant();
        this.fresh = since;
    }

    Duration now() {
        Instant now = clock.instant();
        Optional<Instant> oldest;
        try {
            oldest = oldestWaiting.get();
        } catch (RuntimeException e) {
            // Other nodes may reach the database that this one does not: the view may lack all since it was last known
            // to be whole.
            LOG.warn("How far this node's view is behind cannot be told: {}", e.getMessage());
            return atLeastZero(Duration.between(fresh, now));
        }
        if (oldest.isEmpty()) {
            fresh = now;
            return Duration.ZERO;
        }
        Instant waitingSince = oldest.get().isBefore(since) ? since : oldest.get();
        return atLeastZero(Duration.between(waitingSince, now));
    }

    /** Another node's clock may be ahead of this one's. */
    private static Duration atLeastZero(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
