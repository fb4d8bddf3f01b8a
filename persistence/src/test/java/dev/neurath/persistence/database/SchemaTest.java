package dev.neurath.persistence.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.persistence.feed.FeedCursor;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.persistence.feed.FeedRow;
import dev.neurath.persistence.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SchemaTest {
    private final String url = TestDatabase.emptyUrl();

    @Test
    void nodes_that_start_together_bring_the_schema_up_once() throws Exception {
        List<Future<Boolean>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                results.add(threads.submit(() -> {
                    try (Database database = Database.open(DatabaseSettings.of(url))) {
                        return database.reachable();
                    }
                }));
            }
        }
        for (Future<Boolean> result : results) {
            assertThat(result.get()).isTrue();
        }
    }

    @Test
    void a_schema_newer_than_this_build_is_refused_at_once() throws Exception {
        try (Database database = Database.open(DatabaseSettings.of(url))) {
            assertThat(database.reachable()).isTrue();
        }
        execute("insert into neurath.schema_version(version) values (99)");
        try (Database database = Database.open(DatabaseSettings.of(url))) {
            assertThatThrownBy(() -> new FeedLog(database).latest())
                    .isInstanceOf(DatabaseRefusedException.class)
                    .hasMessageContaining("schema version 99")
                    .hasMessageContaining("at least as new");
        }
    }

    @Test
    void a_history_restored_from_another_server_comes_before_all_new_events() throws Exception {
        try (Database database = Database.open(DatabaseSettings.of(url))) {
            assertThat(database.reachable()).isTrue();
        }
        execute("insert into neurath.event (xid, persistence_id, seq_nr, writer, written_at, event_manifest, ser_id,"
                + " ser_manifest, payload) select (4000000000 - n)::text::xid8, 'vm|1', n, 'w', 0, '', 1, '', 'x'"
                + " from generate_series(1, 3) n");
        try (Database database = Database.open(DatabaseSettings.of(url))) {
            FeedLog feed = new FeedLog(database);
            assertThat(feed.read(FeedCursor.START, 10))
                    .extracting(FeedRow::sequenceNr)
                    .containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void an_absent_database_is_given_up_after_the_patience_with_what_was_attempted() {
        DatabaseSettings nowhere = DatabaseSettings.of("jdbc:postgresql://127.0.0.1:1/none?user=a&password=secret")
                .withPatience(Duration.ofMillis(200));
        try (Database database = Database.open(nowhere)) {
            assertThat(database.reachable()).isFalse();
            assertThatThrownBy(() -> new FeedLog(database).latest())
                    .isInstanceOf(DatabaseUnavailableException.class)
                    .hasMessageContaining("reading the end of the feed")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void a_full_disk_is_waited_for_and_then_named() {
        SQLException diskFull = new SQLException("could not extend file", "53100");
        assertThat(SqlFailure.of(diskFull)).isEqualTo(SqlFailure.UNAVAILABLE);
        assertThat(new DatabaseUnavailableException("writing", "url", Duration.ofSeconds(1), diskFull))
                .hasMessageContaining("the database's disk is full");
    }

    @Test
    void an_url_of_another_kind_is_refused_without_showing_its_password() {
        assertThatThrownBy(() -> DatabaseSettings.of("jdbc:h2:mem?password=secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> DatabaseSettings.of("")).hasMessageContaining("neurath.database.url is not set");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
