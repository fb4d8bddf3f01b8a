package dev.neurath.bench.feed;

import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The floor: one connection that asks for what is new again and again, without a pause, and gives it to nobody. Order and rows are the feed's. */
final class BareReader implements AutoCloseable {
    private static final String READ =
            "select xid::text::bigint, ord, persistence_id, seq_nr, payload from neurath.event"
                    + " where xid < pg_snapshot_xmin(pg_current_snapshot()) and (xid, ord) > (?::text::xid8, ?)"
                    + " order by event.xid, event.ord limit 2000";
    private static final String LATEST =
            "select coalesce(max(xid::text::bigint), 0) from neurath.event where xid < pg_snapshot_xmin(pg_current_snapshot())";

    private final Database database;
    private final Thread thread;
    private volatile boolean closing;

    BareReader(String url, Stamps stamps) throws SQLException {
        this.database = Database.open(DatabaseSettings.of(url));
        Connection connection = database.dedicated("bench");
        this.thread = Thread.ofPlatform().daemon().name("bare-reader").start(() -> {
            try (connection) {
                read(connection, stamps);
            } catch (SQLException | RuntimeException e) {
                stamps.fail(e);
            }
        });
    }

    private void read(Connection connection, Stamps stamps) throws SQLException {
        long xid;
        long ord = Long.MAX_VALUE;
        try (PreparedStatement latest = connection.prepareStatement(LATEST);
                ResultSet row = latest.executeQuery()) {
            row.next();
            xid = row.getLong(1);
        }
        try (PreparedStatement select = connection.prepareStatement(READ)) {
            while (!closing) {
                select.setString(1, Long.toString(xid));
                select.setLong(2, ord);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        xid = row.getLong(1);
                        ord = row.getLong(2);
                        row.getBytes(5);
                        stamps.arrived(row.getString(3), row.getLong(4));
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            // It ends with its next answer all the same.
            Thread.currentThread().interrupt();
        }
        database.close();
    }
}
