package dev.neurath.coordinator.feed;

import dev.neurath.coordinator.fleet.FeedEntry;
import dev.neurath.coordinator.fleet.FleetProjection;
import dev.neurath.persistence.events.EventCodecs;
import dev.neurath.persistence.feed.FeedCursor;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.persistence.feed.FeedRow;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The feed from any place on: the newest events out of memory, older ones out of the journal.
 *
 * <p>What it gives is in the journal's order, without holes or repetitions. It never gives an event that this node's {@link FleetProjection} has
 * not seen, because the projection knows what the event belongs to.
 */
public final class FeedSource {
    private final FeedLog log;
    private final RecentEvents recent;
    private final FeedEvents events;
    private final Supplier<FleetProjection> projection;
    private final String epoch;
    private final int page;

    /** @param projection of which {@link #follow} is a follower; asked for only once it runs */
    public FeedSource(FeedLog log, EventCodecs codecs, Supplier<FleetProjection> projection, int recent, int page) {
        this.log = log;
        this.projection = projection;
        this.epoch = log.epoch();
        this.events = new FeedEvents(epoch, codecs);
        this.recent = new RecentEvents(recent, FeedCursor.START);
        this.page = Math.min(page, FeedLog.MAX_PAGE);
    }

    /** Takes a page that the projection has seen. */
    public void follow(List<FeedEntry> entries) {
        recent.add(entries.stream().map(this::published).toList());
    }

    /** @return the next events, in order; empty if none came in time */
    List<Published> after(FeedCursor place, Duration longest) throws InterruptedException {
        Optional<List<Published>> kept = recent.after(place, page, longest);
        if (kept.isPresent()) {
            return kept.get();
        }
        FeedCursor seen = recent.end();
        Function<FeedRow, FeedEntry> understood = projection.get()::entry;
        return log.read(place, page).stream()
                .filter(row -> row.cursor().compareTo(seen) <= 0)
                .map(understood)
                .map(this::published)
                .toList();
    }

    /** The place after all that is durable. */
    FeedCursor latest() {
        return log.latest();
    }

    CursorText cursor(FeedCursor place) {
        return new CursorText(epoch, place);
    }

    String epoch() {
        return epoch;
    }

    private Published published(FeedEntry entry) {
        return new Published(entry, events);
    }
}
