package dev.neurath.coordinator.feed;

import dev.neurath.persistence.feed.FeedCursor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The newest events, in order and without holes, for all readers that are not behind. Bounded: what is older is read from the journal.
 */
final class RecentEvents {
    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final ArrayDeque<Published> events = new ArrayDeque<>();
    /** Everything after this place, up to {@link #end}, is in {@link #events}. */
    private FeedCursor start;

    private FeedCursor end;

    RecentEvents(int limit, FeedCursor start) {
        this.limit = limit;
        this.start = start;
        this.end = start;
    }

    void add(List<Published> page) {
        lock.lock();
        try {
            for (Published event : page) {
                events.add(event);
                end = event.cursor();
            }
            while (events.size() > limit) {
                start = events.removeFirst().cursor();
            }
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The place after the newest event. */
    FeedCursor end() {
        lock.lock();
        try {
            return end;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Events after a place, waiting for the first one.
     *
     * @return at most {@code most}; none if none came in time; absent if the place is older than what is kept
     */
    Optional<List<Published>> after(FeedCursor place, int most, Duration longest) throws InterruptedException {
        lock.lock();
        try {
            long left = longest.toNanos();
            while (end.compareTo(place) <= 0 && left > 0) {
                left = more.awaitNanos(left);
            }
            return place.compareTo(start) < 0 ? Optional.empty() : Optional.of(copy(place, most));
        } finally {
            lock.unlock();
        }
    }

    private List<Published> copy(FeedCursor place, int most) {
        var found = new ArrayList<Published>();
        // From the newest backwards: a reader that keeps up wants the last few of many.
        Iterator<Published> backwards = events.descendingIterator();
        int wanted = 0;
        while (backwards.hasNext() && backwards.next().cursor().compareTo(place) > 0) {
            wanted++;
        }
        Iterator<Published> forwards = events.iterator();
        for (int skipped = events.size() - wanted; skipped > 0; skipped--) {
            forwards.next();
        }
        while (forwards.hasNext() && found.size() < most) {
            found.add(forwards.next());
        }
        return found;
    }
}
