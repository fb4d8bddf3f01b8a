package dev.neurath.persistence.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The way to PostgreSQL that every part of one node shares: a bounded pool, the schema brought up to date before first use,
 * and patience while the database is away.
 *
 * <p>Opening never fails for a database that is down: each operation waits for it, within {@link DatabaseSettings#patience}.
 * Work handed to {@link #run} is repeated when the connection breaks, so it must be idempotent; the journal's writer, whose
 * work is not, settles unknown results itself on a {@link #dedicated} connection.
 */
public final class Database implements AutoCloseable {
    /** Notified by writers of events, listened to by readers of the feed. */
    public static final String FEED_CHANNEL = "neurath_feed";

    private static final Map<String, String> SESSION = new TreeMap<>(Map.of(
            "idle_in_transaction_session_timeout", "'5s'",
            "lock_timeout", "'10s'",
            "statement_timeout", "'25s'"));

    private final DatabaseSettings settings;
    private final HikariDataSource pool;
    private volatile boolean schemaReady;
    private volatile boolean closed;

    private Database(DatabaseSettings settings, HikariDataSource pool) {
        this.settings = settings;
        this.pool = pool;
    }

    public static Database open(DatabaseSettings settings) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("neurath-database");
        config.setJdbcUrl(settings.url());
        config.setMaximumPoolSize(settings.poolSize());
        config.setMinimumIdle(1);
        config.setConnectionTimeout(Math.max(1000, settings.connectTimeout().toMillis()));
        config.setInitializationFailTimeout(-1);
        // No statement_timeout here: counting all rows or placing a restored history takes its time.
        config.setConnectionInitSql("set idle_in_transaction_session_timeout = '5s'; set lock_timeout = '10s'");
        config.setDataSourceProperties(settings.driverProperties("neurath"));
        return new Database(settings, new HikariDataSource(config));
    }

    public DatabaseSettings settings() {
        return settings;
    }

    /**
     * Runs idempotent work, again and again while the database is away.
     *
     * @param attempting completes the sentence "gave up …"
     * @throws DatabaseUnavailableException when patience ran out
     * @throws DatabaseRefusedException when the database refuses the work itself
     */
    public <T extends @Nullable Object> T run(String attempting, SqlWork<T> work) {
        Backoff backoff = new Backoff(settings.patience());
        while (true) {
            SQLException failure;
            try {
                ensureSchema();
                try (Connection connection = pool.getConnection()) {
                    return work.on(connection);
                }
            } catch (SQLException e) {
                failure = e;
            }
            if (closed
                    || SqlFailure.of(failure) == SqlFailure.REFUSED
                    || SqlFailure.of(failure) == SqlFailure.CONFLICT) {
                throw new DatabaseRefusedException("Failed " + attempting + ": " + failure.getMessage(), failure);
            }
            try {
                if (!backoff.await()) {
                    throw new DatabaseUnavailableException(attempting, settings.shownUrl(), backoff.waited(), failure);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DatabaseUnavailableException(attempting, settings.shownUrl(), backoff.waited(), failure);
            }
        }
    }

    /** As {@link #run}, in one transaction. */
    public <T extends @Nullable Object> T transaction(String attempting, SqlWork<T> work) {
        return run(attempting, connection -> Transaction.on(connection, work));
    }

    /**
     * A connection of the caller's own, outside the pool, with server-side timeouts that end a transaction whose client
     * vanished: its locks would hold up other writers, and its snapshot the whole feed.
     */
    public Connection dedicated(String purpose) throws SQLException {
        ensureSchema();
        Connection connection =
                DriverManager.getConnection(settings.url(), settings.driverProperties("neurath-" + purpose));
        try (Statement statement = connection.createStatement()) {
            for (Map.Entry<String, String> setting : SESSION.entrySet()) {
                statement.execute("set " + setting.getKey() + " = " + setting.getValue());
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Whether the database answers now, with the schema in place; never waits longer than the connect timeout. */
    public boolean reachable() {
        try {
            ensureSchema();
            try (Connection connection = pool.getConnection()) {
                return connection.isValid(
                        (int) Math.max(1, settings.connectTimeout().toSeconds()));
            }
        } catch (SQLException | DatabaseRefusedException e) {
            return false;
        }
    }

    private void ensureSchema() throws SQLException {
        if (schemaReady) {
            return;
        }
        if (closed) {
            throw new DatabaseRefusedException("The database was closed by this node", null);
        }
        try (Connection connection = pool.getConnection()) {
            Schema.OF_THIS_BUILD.bringUpToDate(connection);
        }
        schemaReady = true;
    }

    @Override
    public void close() {
        closed = true;
        pool.close();
    }
}
