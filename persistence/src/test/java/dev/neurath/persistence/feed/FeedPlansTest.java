package dev.neurath.persistence.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of the feed with every read of the fleet costs what is found, not what the journal holds. */
@Timeout(60)
class FeedPlansTest {
    private static final String URL = TestDatabase.emptyUrl();

    @BeforeAll
    static void fill() throws SQLException {
        try (Database database = Database.open(DatabaseSettings.of(URL));
                Connection connection = DriverManager.getConnection(URL);
                Statement statement = connection.createStatement()) {
            database.reachable();
            for (int transaction = 1; transaction <= 100; transaction++) {
                statement.execute("insert into neurath.event"
                        + " (persistence_id, seq_nr, writer, written_at, event_manifest, ser_id, ser_manifest, payload)"
                        + " select 'vm|' || g, " + transaction
                        + ", 'w', 0, '', 1, 'text', 'x' from generate_series(1, 50) g");
            }
            statement.execute("analyze neurath.event");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {FeedLog.READ, FeedLog.LATEST, FeedLog.COMMITTED, FeedLog.OLDEST_AFTER})
    void the_index_gives_the_rows_in_their_order(String query) throws SQLException {
        String plan = plan(query.replaceFirst("\\?::text", "'3'")
                .replaceFirst(", \\?\\)", ", 0)")
                .replace("limit ?", "limit 20"));
        assertThat(plan).contains("event_feed").doesNotContain("Sort", "Seq Scan");
    }

    private static String plan(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(URL);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("explain " + query)) {
            var lines = new StringBuilder();
            while (row.next()) {
                lines.append(row.getString(1)).append('\n');
            }
            return lines.toString();
        }
    }
}
