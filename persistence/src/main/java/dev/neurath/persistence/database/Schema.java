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
import java.util.List;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the tables to the version this build knows: numbered scripts, each applied once, under a lock, by whichever node
 * comes first.
 *
 * <p>Nodes of two builds work on one database while one is upgraded to the other. So a version tells which older builds may
 * go on: a script that only expands (a table, a column that may be null or has a default, an index) keeps them; one that
 * contracts comes a release after the last build that needed what it removes. A build that is older than that is refused: it
 * must not write into tables whose rules it does not know. Scripts are append-only; changing one that was released would
 * leave two kinds of databases with the same number.
 */
final class Schema {
    /**
     * One script.
     *
     * @param number of the script, from 1 on without gaps
     * @param oldestReader the newest version known to the oldest build that may work on these tables; at most {@code number}
     */
    record Version(int number, int oldestReader) {
        Version {
            if (oldestReader < 1 || oldestReader > number) {
                throw new IllegalArgumentException(
                        "schema %d cannot be for builds from %d on".formatted(number, oldestReader));
            }
        }
    }

    static final Schema OF_THIS_BUILD = new Schema(List.of(new Version(1, 1)), Schema::resource);

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);
    /** "NEURATH" in ASCII: any number that no other program uses for its own advisory lock. */
    private static final long LOCK = 0x4E455552415448L;

    private final List<Version> versions;
    private final IntFunction<String> scripts;

    Schema(List<Version> versions, IntFunction<String> scripts) {
        for (int i = 0; i < versions.size(); i++) {
            if (versions.get(i).number() != i + 1) {
                throw new IllegalArgumentException("schema versions are numbered from 1 on: " + versions);
            }
        }
        this.versions = List.copyOf(versions);
        this.scripts = scripts;
    }

    void bringUpToDate(Connection connection) throws SQLException {
        if (versionOf(connection) == known() && !historyOfAnotherServer(connection)) {
            return;
        }
        Transaction.on(connection, this::migrate);
    }

    private int known() {
        return versions.size();
    }

    private int migrate(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_xact_lock(" + LOCK + ")");
            statement.execute("create schema if not exists neurath");
            statement.execute("create table if not exists neurath.schema_version ("
                    + "version integer primary key, applied_at timestamptz not null default clock_timestamp())");
            // Null where a build applied a version that could not say it: then it is for builds that know it only.
            statement.execute("alter table neurath.schema_version add column if not exists oldest_reader integer");
            int version = versionOf(connection);
            if (version > known()) {
                requireReadable(connection, version);
            }
            for (Version next : versions.subList(Math.min(version, known()), known())) {
                statement.execute(scripts.apply(next.number()));
                recordVersion(connection, next);
                LOG.info("Database schema brought to version {}", next.number());
            }
            if (historyOfAnotherServer(connection)) {
                placeHistoryFirst(statement);
            }
            return known();
        }
    }

    /** Every version above ours counts: the last one may only have added to one that removed something. */
    private void requireReadable(Connection connection, int version) throws SQLException {
        int oldestReader;
        try (PreparedStatement newer = connection.prepareStatement(
                "select max(coalesce(oldest_reader, version)) from neurath.schema_version where version > ?")) {
            newer.setInt(1, known());
            try (ResultSet found = newer.executeQuery()) {
                found.next();
                oldestReader = found.getInt(1);
            }
        }
        if (oldestReader > known()) {
            throw new DatabaseRefusedException(
                    "The database has schema version " + version + " for builds that know " + oldestReader
                            + " or newer, this build knows " + known()
                            + ": start a build at least as new as the one that wrote it",
                    null);
        }
        LOG.info(
                "The database has schema version {} of a newer build; this one knows {} and may work on it",
                version,
                known());
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

    private static void recordVersion(Connection connection, Version version) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into neurath.schema_version(version, oldest_reader) values (?, ?)")) {
            insert.setInt(1, version.number());
            insert.setInt(2, version.oldestReader());
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

    static String resource(int version) {
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
