package dev.neurath.coordinator.fleet;

import dev.neurath.model.FleetId;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.events.EventCodecs;
import dev.neurath.persistence.events.UnreadableEvent;
import dev.neurath.persistence.feed.FeedCursor;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.persistence.feed.FeedRow;
import dev.neurath.persistence.feed.FeedTail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fleet as this node sees it, in memory, following the feed.
 *
 * <p>A reader sees whole pages of the feed only, never half of one. It may be behind what is durable; whoever must not be waits with {@link
 * #catchUp}, which makes a read see every event that was durable before it was asked for, whichever node wrote it.
 *
 * <p>Nothing is decided here: entities decide from their own journal.
 */
public final class FleetProjection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FleetProjection.class);

    private static final Executor ASKING = task -> Thread.ofVirtual().start(task);

    private final EventCodecs codecs;
    private final FeedLog log;
    private final FleetFold fold;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Condition moved = lock.writeLock().newCondition();
    private final List<Consumer<List<FeedEntry>>> followers;
    private final FeedTail tail;
    private FeedCursor position = FeedCursor.START;
    private long rows;
    private volatile String stopped = "";

    private FleetProjection(
            Database database,
            EventCodecs codecs,
            FleetId fleet,
            VmChanges changes,
            List<Consumer<List<FeedEntry>>> followers) {
        this.codecs = codecs;
        this.log = new FeedLog(database);
        this.fold = new FleetFold(fleet, changes);
        this.followers = List.copyOf(followers);
        this.tail = FeedTail.start(database, FeedCursor.START, this::take);
    }

    /** @param followers called with every page after it was folded in, on the one thread that does it; they must not block or throw */
    public static FleetProjection start(
            Database database,
            EventCodecs codecs,
            FleetId fleet,
            VmChanges changes,
            List<Consumer<List<FeedEntry>>> followers) {
        return new FleetProjection(database, codecs, fleet, changes, followers);
    }

    private void take(List<FeedRow> page) {
        var entries = new ArrayList<FeedEntry>(page.size());
        lock.writeLock().lock();
        try {
            for (FeedRow row : page) {
                Subject subject = Subject.of(row.persistenceId());
                Object event = codecs.decode(row.manifest(), row.payload().toByteArray());
                fold.apply(subject, row.sequenceNr(), row.writtenAt(), event);
                entries.add(FeedEntry.of(row, subject, event, fold));
            }
            position = page.getLast().cursor();
            rows += page.size();
            moved.signalAll();
        } catch (UnreadableEvent e) {
            // Leaving it out would show a fleet that never was. The other nodes serve meanwhile.
            stopped = "it stops at %s, where a newer build wrote an event or one is damaged: %s"
                    .formatted(position, e.getMessage());
            LOG.error("This node's view of the fleet is of no use: {}. Upgrade the node.", stopped);
            throw e;
        } catch (RuntimeException e) {
            LOG.error("The fleet's view stops at {}: an event there cannot be understood", position, e);
            throw e;
        } finally {
            lock.writeLock().unlock();
        }
        followers.forEach(follower -> follower.accept(entries));
    }

    /** Why the view will never go on, in a build like this one; empty while it does. */
    public Optional<String> stopped() {
        return stopped.isEmpty() ? Optional.empty() : Optional.of(stopped);
    }

    /** Reads a consistent state. {@code read} must be quick and keep nothing that changes. */
    public <T> T read(Function<FleetFacts, T> read) {
        lock.readLock().lock();
        try {
            return read.apply(new FleetFacts(fold, rows));
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Waits until everything that is durable now is seen here.
     *
     * @return false if that took longer than {@code longest}, or the database does not answer
     */
    public boolean catchUp(Duration longest) throws InterruptedException {
        long before = System.nanoTime();
        // The database is waited for with more patience than a reader has.
        // Not the end of what can be read: a row behind another node's open transaction is durable and counts.
        CompletableFuture<FeedCursor> committed = CompletableFuture.supplyAsync(log::committed, ASKING);
        try {
            FeedCursor wanted = committed.get(longest.toNanos(), TimeUnit.NANOSECONDS);
            return await(wanted, longest.minusNanos(System.nanoTime() - before));
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Whether this node's view is fresh cannot be told: {}", String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** A row read from the journal, understood. It must not be after {@link #position}. */
    public FeedEntry entry(FeedRow row) {
        Subject subject = Subject.of(row.persistenceId());
        Object event = codecs.decode(row.manifest(), row.payload().toByteArray());
        lock.readLock().lock();
        try {
            return FeedEntry.of(row, subject, event, fold);
        } finally {
            lock.readLock().unlock();
        }
    }

    private boolean await(FeedCursor wanted, Duration longest) throws InterruptedException {
        return await(() -> position.compareTo(wanted) >= 0, longest);
    }

    /** @return false if {@code condition} did not come to hold in time */
    public boolean awaitUntil(Predicate<FleetFacts> condition, Duration longest) throws InterruptedException {
        return await(() -> condition.test(new FleetFacts(fold, rows)), longest);
    }

    private boolean await(BooleanSupplier condition, Duration longest) throws InterruptedException {
        lock.writeLock().lock();
        try {
            long left = longest.toNanos();
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    return false;
                }
                left = moved.awaitNanos(left);
            }
            return true;
        } finally {
            lock.writeLock().unlock();
        }
    }

    public FeedCursor position() {
        lock.readLock().lock();
        try {
            return position;
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void close() {
        tail.close();
    }
}
