package dev.neurath.coordinator.feed;

import dev.neurath.coordinator.fleet.FeedEntry;
import dev.neurath.persistence.feed.FeedCursor;
import dev.neurath.proto.v1.Event;
import org.jspecify.annotations.Nullable;

/** A row of the journal as the feed shows it: made when the first reader wants it, once for all readers. */
final class Published {
    private final FeedEntry entry;
    private final FeedEvents maker;
    private volatile @Nullable Event event;

    Published(FeedEntry entry, FeedEvents maker) {
        this.entry = entry;
        this.maker = maker;
    }

    FeedCursor cursor() {
        return entry.row().cursor();
    }

    /** As {@link Event#getSubject}, without making the event. */
    String subject() {
        return entry.subject().toString();
    }

    /** As {@link Event#getType}, without making the event. */
    String type() {
        return FeedEvents.type(entry);
    }

    Event event() {
        Event made = event;
        if (made == null) {
            // Two readers at once may both make it; they make the same.
            made = maker.of(entry);
            event = made;
        }
        return made;
    }
}
