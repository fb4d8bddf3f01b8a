package dev.neurath.persistence.feed;

import com.google.protobuf.UnsafeByteOperations;
import dev.neurath.persistence.database.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All events of all entities in one total order, gap-free: what was read up to a cursor never gets a row before it later.
 *
 * <p>The order is (transaction, number). Numbers alone are drawn before commit and appear out of order; transactions are shown
 * only below the oldest one still running, so nothing can appear before what is visible. An entity's own order is kept, since
 * its next event is written by a transaction that began after the last one's commit. What an entity deleted stays in the feed.
 *
 * <p>A transaction left open anywhere on that PostgreSQL server, in whatever database, holds the feed back until it ends.
 */
public final class FeedLog {
    /** Rows in one page at most: about 2 MB of typical events. */
    public static final int MAX_PAGE = 2000;

    private static final String SETTLED = "xid < pg_snapshot_xmin(pg_current_snapshot())";
    // Ordered by event.xid: a bare "xid" would be the column that is given out, a number, of which there is no index.
    static final String READ = "select xid::text::bigint, ord, persistence_id, seq_nr, written_at, ser_id,"
            + " ser_manifest, payload from neurath.event where " + SETTLED
            + " and (xid, ord) > (?::text::xid8, ?) order by event.xid, event.ord limit ?";
    static final String OLDEST_AFTER = "select written_at from neurath.event where (xid, ord) > (?::text::xid8, ?)"
            + " order by event.xid, event.ord limit 1";
    static final String LATEST = "select xid::text::bigint, ord from neurath.event where " + SETTLED
            + " order by event.xid desc, event.ord desc limit 1";
    static final String COMMITTED =
            "select xid::text::bigint, ord from neurath.event order by event.xid desc, event.ord desc limit 1";
    // A loose index scan: one index probe per entity instead of one row per event.
    private static final String ENTITY_IDS = "with recursive ids(id) as ("
            + " (select persistence_id from neurath.event where persistence_id >= ? and persistence_id < ?"
            + "  order by persistence_id limit 1)"
            + " union all"
            + " select (select persistence_id from neurath.event where persistence_id > ids.id and persistence_id < ?"
            + "  order by persistence_id limit 1) from ids where ids.id is not null)"
            + " select id from ids where id is not null";

    private final Database database;

    public FeedLog(Database database) {
        this.database = database;
    }

    /** The rows after a cursor, at most {@code limit}; empty when there is nothing more yet. */
    public List<FeedRow> read(FeedCursor after, int limit) {
        return database.run("reading the feed after " + after, connection -> read(connection, after, limit));
    }

    /** The place after all that can be read now. */
    public FeedCursor latest() {
        return end(LATEST);
    }

    /**
     * The place after all that is committed, also where it cannot be read yet because an older transaction is still open: whoever has read up to here
     * has seen every event that was durable when this was asked.
     */
    public FeedCursor committed() {
        return end(COMMITTED);
    }

    /** When the first event after a cursor was written, also one that cannot be read yet; empty if there is none. Asks the index for one row. */
    public Optional<Instant> oldestAfter(FeedCursor cursor) {
        return database.run("looking for what comes after " + cursor, connection -> {
            try (PreparedStatement select = connection.prepareStatement(OLDEST_AFTER)) {
                select.setString(1, String.valueOf(cursor.xid()));
                select.setLong(2, cursor.ord());
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(Instant.ofEpochMilli(row.getLong(1))) : Optional.<Instant>empty();
                }
            }
        });
    }

    private FeedCursor end(String query) {
        return database.run("reading the end of the feed", connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(query)) {
                return row.next() ? new FeedCursor(row.getLong(1), row.getLong(2)) : FeedCursor.START;
            }
        });
    }

    /**
     * Names the history that cursors belong to: it changes when the database is restored from a dump or a backup, or a standby
     * is promoted, any of which may have lost or moved rows. A cursor of another epoch must be answered with a gap.
     */
    public String epoch() {
        return database.run("reading the feed's epoch", connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select s.system_identifier::text || '.'"
                            + " || ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"
                            + " from pg_control_system() s")) {
                row.next();
                return row.getString(1);
            }
        });
    }

    /** Every entity that ever wrote an event and whose id starts with the prefix, in byte order. */
    public List<String> entityIds(String prefix) {
        if (prefix.isEmpty()) {
            throw new IllegalArgumentException("A prefix is needed: all entities at once are too many");
        }
        String end = prefix + Character.toString(Character.MAX_CODE_POINT);
        return database.run("listing the entities " + prefix, connection -> {
            try (PreparedStatement select = connection.prepareStatement(ENTITY_IDS)) {
                select.setString(1, prefix);
                select.setString(2, end);
                select.setString(3, end);
                List<String> ids = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        ids.add(row.getString(1));
                    }
                }
                return ids;
            }
        });
    }

    /** Rows that can be read now, counted exactly: reads the whole index. */
    public long countRows() {
        return database.run("counting the feed's rows", connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select count(*) from neurath.event where " + SETTLED)) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    static List<FeedRow> read(Connection connection, FeedCursor after, int limit) throws SQLException {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new IllegalArgumentException("A page of the feed has 1 to " + MAX_PAGE + " rows, not " + limit);
        }
        try (PreparedStatement select = connection.prepareStatement(READ)) {
            select.setString(1, String.valueOf(after.xid()));
            select.setLong(2, after.ord());
            select.setInt(3, limit);
            List<FeedRow> rows = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.add(new FeedRow(
                            new FeedCursor(row.getLong(1), row.getLong(2)),
                            row.getString(3),
                            row.getLong(4),
                            Instant.ofEpochMilli(row.getLong(5)),
                            row.getInt(6),
                            row.getString(7),
                            UnsafeByteOperations.unsafeWrap(row.getBytes(8))));
                }
            }
            return rows;
        }
    }
}
