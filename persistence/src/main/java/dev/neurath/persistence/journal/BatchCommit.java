package dev.neurath.persistence.journal;

import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseRefusedException;
import dev.neurath.persistence.database.SqlFailure;
import dev.neurath.persistence.database.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to commit a batch: all in one transaction, and where the database finds fault with it, settled and written in
 * smaller pieces until the fault stands alone.
 *
 * <p>An SQLException from {@link #attempt} leaves every result of the batch unknown; the caller tries again and has it settled
 * first. Owns its connection and replaces it after any error that may have broken it.
 */
final class BatchCommit implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchCommit.class);
    /** A feed that found rows polls for longer than this by itself: a wake-up with each commit would only cost. */
    private static final long WAKE_EVERY_NANOS = 50_000_000;
    /** Rows that appear between settling and writing again come from a rival; three rivals in a row end in one by one. */
    private static final int ROUNDS = 3;

    private final Database database;
    private @Nullable Connection connection;
    private long wokenNanos = System.nanoTime() - WAKE_EVERY_NANOS;

    BatchCommit(Database database) {
        this.database = database;
    }

    /**
     * @param settleFirst whether an earlier attempt may have been committed
     * @return why an append failed for good; one that is not in it is durable
     */
    Map<Append, RuntimeException> attempt(List<Append> batch, boolean settleFirst) throws SQLException {
        Map<Append, RuntimeException> failed = new HashMap<>();
        try {
            List<Append> rest = together(batch, settleFirst, failed);
            oneByOne(rest, failed);
            return failed;
        } catch (SQLException e) {
            drop();
            throw e;
        }
    }

    /** What could not be written together; empty when all is done. */
    private List<Append> together(List<Append> batch, boolean settleFirst, Map<Append, RuntimeException> failed)
            throws SQLException {
        List<Append> open = batch;
        boolean settle = settleFirst;
        for (int round = 0; round < ROUNDS; round++) {
            try {
                open = settle ? settle(open, failed) : open;
            } catch (SQLException e) {
                if (SqlFailure.of(e) == SqlFailure.REFUSED) {
                    // One of the rows cannot even be asked for.
                    return open;
                }
                throw e;
            }
            SqlFailure kind = insert(open);
            if (kind == null) {
                return List.of();
            }
            if (kind == SqlFailure.REFUSED) {
                return open;
            }
            settle = true;
        }
        return open;
    }

    /** Null when committed; CONFLICT, COLLIDED or REFUSED when rolled back for certain. */
    private @Nullable SqlFailure insert(List<Append> appends) throws SQLException {
        if (appends.isEmpty()) {
            return null;
        }
        List<EventRow> rows = new ArrayList<>();
        for (Append append : appends) {
            rows.addAll(append.rows());
        }
        boolean wake = System.nanoTime() - wokenNanos >= WAKE_EVERY_NANOS;
        Connection writing = connection();
        try {
            if (rows.size() == 1 && !wake) {
                // One statement is a transaction by itself: one round trip instead of three for an entity that writes
                // alone.
                EventTable.insert(writing, rows);
            } else {
                Transaction.on(writing, inTransaction -> {
                    EventTable.insert(inTransaction, rows);
                    if (wake) {
                        wakeFeeds(inTransaction);
                    }
                    return rows.size();
                });
            }
        } catch (SQLException e) {
            SqlFailure kind = SqlFailure.of(e);
            if (kind == SqlFailure.UNAVAILABLE) {
                throw e;
            }
            LOG.debug("{} appends rolled back, settled next: {}", appends.size(), e.getMessage());
            return kind;
        }
        if (wake) {
            wokenNanos = System.nanoTime();
        }
        return null;
    }

    /** Takes out what is in the table already: written when it is the same, failed when it is another's. */
    private List<Append> settle(List<Append> appends, Map<Append, RuntimeException> failed) throws SQLException {
        List<EventRow> rows = new ArrayList<>();
        for (Append append : appends) {
            rows.addAll(append.rows());
        }
        Map<EventTable.Key, EventRow> found = EventTable.find(connection(), rows);
        Map<Append.Author, RuntimeException> stale = new HashMap<>();
        List<Append> open = new ArrayList<>();
        for (Append append : appends) {
            RuntimeException earlier = stale.get(append.author());
            EventRow foreign = earlier == null ? firstForeign(append, found) : null;
            if (earlier != null) {
                failed.put(append, StaleWriterException.after(append.author()));
            } else if (foreign != null) {
                EventRow standing = found.get(EventTable.Key.of(foreign));
                StaleWriterException reason = StaleWriterException.at(foreign, standing == null ? foreign : standing);
                stale.put(append.author(), reason);
                failed.put(append, reason);
            } else if (!found.containsKey(EventTable.Key.of(append.rows().getFirst()))) {
                open.add(append);
            }
        }
        return open;
    }

    private static @Nullable EventRow firstForeign(Append append, Map<EventTable.Key, EventRow> found) {
        for (EventRow row : append.rows()) {
            EventRow standing = found.get(EventTable.Key.of(row));
            if (standing != null && !standing.equals(row)) {
                return row;
            }
        }
        return null;
    }

    private void oneByOne(List<Append> appends, Map<Append, RuntimeException> failed) throws SQLException {
        Map<Append.Author, RuntimeException> faulty = new HashMap<>();
        for (Append append : appends) {
            if (faulty.containsKey(append.author())) {
                failed.put(append, StaleWriterException.after(append.author()));
                continue;
            }
            RuntimeException failure = alone(append);
            if (failure != null) {
                faulty.put(append.author(), failure);
                failed.put(append, failure);
            }
        }
    }

    private @Nullable RuntimeException alone(Append append) throws SQLException {
        List<Append> open = List.of(append);
        Map<Append, RuntimeException> failed = new HashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            try {
                open = settle(open, failed);
                if (open.isEmpty()) {
                    return failed.get(append);
                }
                Transaction.on(connection(), inTransaction -> {
                    EventTable.insert(inTransaction, append.rows());
                    return append;
                });
                return null;
            } catch (SQLException e) {
                switch (SqlFailure.of(e)) {
                    case UNAVAILABLE -> throw e;
                    case REFUSED -> {
                        return new DatabaseRefusedException(
                                "The database refuses an event of " + append.persistenceId() + ": " + e.getMessage(),
                                e);
                    }
                    case CONFLICT, COLLIDED -> LOG.debug("{} met a rival: {}", append.persistenceId(), e.getMessage());
                }
            }
        }
        return new StaleWriterException(append.persistenceId() + ": others write it again and again");
    }

    private static void wakeFeeds(Connection connection) throws SQLException {
        try (Statement notify = connection.createStatement()) {
            notify.execute("notify " + Database.FEED_CHANNEL);
        }
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = database.dedicated("journal");
            try (Statement statement = open.createStatement()) {
                // A server may be set to answer before a commit is durable: not for this journal.
                statement.execute("select set_config('synchronous_commit', 'on', false)"
                        + " where current_setting('synchronous_commit') = 'off'");
            }
            connection = open;
        }
        return open;
    }

    private void drop() {
        Connection broken = connection;
        connection = null;
        if (broken != null) {
            try {
                broken.close();
            } catch (SQLException e) {
                LOG.debug("A broken connection did not close in good order: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        drop();
    }
}
