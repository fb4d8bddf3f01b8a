package dev.neurath.persistence.feed;

import dev.neurath.persistence.database.Backoff;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseRefusedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands every new row of the feed to one consumer, in order, each once; one connection per node, however many subscribers the
 * consumer serves.
 *
 * <p>Reads again every 2 ms while there is traffic. After a quarter of a second without a row it waits to be notified, at most
 * 100 ms, because a notification may be lost with its connection. Connects again by itself and goes on where it was. A slow
 * consumer slows the reading down; bounding each subscriber is the consumer's task.
 */
public final class FeedTail implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FeedTail.class);
    private static final int BUSY_MILLIS = 2;
    private static final int IDLE_MILLIS = 100;
    /** Longer than the writer's pause between notifications, so that one it saved is never missed. */
    private static final long BUSY_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final Database database;
    private final Consumer<List<FeedRow>> consumer;
    private final Thread thread;
    private volatile FeedCursor position;
    private volatile boolean closed;

    private FeedTail(Database database, FeedCursor after, Consumer<List<FeedRow>> consumer) {
        this.database = database;
        this.position = after;
        this.consumer = consumer;
        this.thread = Thread.ofPlatform().name("neurath-feed-tail").daemon().unstarted(this::follow);
    }

    /** @param consumer called on the tail's own thread with one page at a time, never empty; must not throw */
    public static FeedTail start(Database database, FeedCursor after, Consumer<List<FeedRow>> consumer) {
        FeedTail tail = new FeedTail(database, after, consumer);
        tail.thread.start();
        return tail;
    }

    /** The place after the last row that the consumer has taken. */
    public FeedCursor position() {
        return position;
    }

    /** False after {@link #close}, or when the consumer threw: then nothing is handed on any more and the node is not well. */
    public boolean isRunning() {
        return thread.isAlive();
    }

    private void follow() {
        Backoff backoff = new Backoff(FOREVER);
        try {
            while (!closed) {
                FeedCursor before = position;
                try (Connection connection = database.dedicated("feed")) {
                    follow(connection);
                } catch (SQLException | DatabaseRefusedException e) {
                    if (closed) {
                        return;
                    }
                    LOG.warn("The feed waits for the database at {}: {}", position, e.getMessage());
                    backoff = position.equals(before) ? backoff : new Backoff(FOREVER);
                    backoff.await();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("The feed's tail stops at {}", position);
        } catch (RuntimeException e) {
            LOG.error("The feed's consumer failed at {}; nothing is handed to it any more", position, e);
        }
    }

    private void follow(Connection connection) throws SQLException {
        try (Statement listen = connection.createStatement()) {
            listen.execute("listen " + Database.FEED_CHANNEL);
        }
        PGConnection notifications = connection.unwrap(PGConnection.class);
        long lastRowNanos = System.nanoTime();
        while (!closed) {
            List<FeedRow> page = FeedLog.read(connection, position, FeedLog.MAX_PAGE);
            if (!page.isEmpty()) {
                consumer.accept(page);
                position = page.getLast().cursor();
                lastRowNanos = System.nanoTime();
            }
            if (page.size() < FeedLog.MAX_PAGE) {
                boolean busy = System.nanoTime() - lastRowNanos < BUSY_FOR_NANOS;
                awaitNotification(notifications, busy ? BUSY_MILLIS : IDLE_MILLIS);
            }
        }
    }

    private static void awaitNotification(PGConnection connection, int millis) throws SQLException {
        connection.getNotifications(millis);
    }

    /** Returns when the consumer will not be called again. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
