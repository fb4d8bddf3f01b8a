package dev.neurath.persistence.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the tables to the version this build knows: numbered scripts, each applied once, under a lock, by whichever node
 * comes first.
 *
 * <p>A schema newer than this build is refused: an old node must not write into tables whose rules it does not know. Scripts
 * are append-only; changing one that was released would leave two kinds of databases with the same number.
 */
final class Schema {
    static final int KNOWN_VERSION = 1;

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);
    /** "NEURATH" in ASCII: any number that no other program uses for its own advisory lock. */
    private static final long LOCK = 0x4E455552415448L;

    private Schema() {}

    static void bringUpToDate(Connection connection) throws SQLException {
        if (versionOf(connection) == KNOWN_VERSION && !historyOfAnotherServer(connection)) {
            return;
        }
        Transaction.on(connection, Schema::migrate);
    }

    private static int migrate(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_xact_lock(" + LOCK + ")");
            statement.execute("create schema if not exists neurath");
            statement.execute("create table if not exists neurath.schema_version ("
                    + "version integer primary key, applied_at timestamptz not null default clock_timestamp())");
            int version = versionOf(connection);
            if (version > KNOWN_VERSION) {
                throw new DatabaseRefusedException(
                        "The database has schema version " + version + ", this build knows " + KNOWN_VERSION
                                + ": start a build at least as new as the one that wrote it",
                        null);
            }
            for (int next = version + 1; next <= KNOWN_VERSION; next++) {
                statement.execute(script(next));
                recordVersion(connection, next);
                LOG.info("Database schema brought to version {}", next);
            }
            if (historyOfAnotherServer(connection)) {
                placeHistoryFirst(statement);
            }
            return KNOWN_VERSION;
        }
    }

    private static int versionOf(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet found = statement.executeQuery("select to_regclass('neurath.schema_version') is not null")) {
                found.next();
                if (!found.getBoolean(1)) {
                    return 0;
                }
            }
            try (ResultSet version =
                    statement.executeQuery("select coalesce(max(version), 0) from neurath.schema_version")) {
                version.next();
                return version.getInt(1);
            }
        }
    }

    private static void recordVersion(Connection connection, int version) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into neurath.schema_version(version) values (?)")) {
            insert.setInt(1, version);
            insert.executeUpdate();
        }
    }

    /**
     * Whether there are events of transactions that this server has yet to run: tables restored from a dump into a fresh
     * server, whose transaction ids start low again.
     */
    private static boolean historyOfAnotherServer(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet present = statement.executeQuery("select to_regclass('neurath.event') is not null")) {
            present.next();
            if (!present.getBoolean(1)) {
                return false;
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet future = statement.executeQuery("select exists(select 1 from neurath.event"
                        + " where xid >= pg_snapshot_xmax(pg_current_snapshot()))")) {
            future.next();
            return future.getBoolean(1);
        }
    }

    // New events would sort before the restored ones. Among these ord alone respects each entity's order, so one low
    // xid for
    // all of them keeps the feed's order whole. Cursors given out before are void: FeedLog's epoch tells.
    private static void placeHistoryFirst(Statement statement) throws SQLException {
        statement.execute("lock table neurath.event in exclusive mode");
        int moved = statement.executeUpdate("update neurath.event set xid = '3'");
        LOG.warn("The journal comes from another PostgreSQL server: {} events were placed before all new ones", moved);
    }

    private static String script(int version) {
        String name = "schema-%03d.sql".formatted(version);
        try (InputStream in = Schema.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The build lacks its own " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + name, e);
        }
    }
}
