package dev.neurath.persistence.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.neurath.persistence.feed.FeedCursor;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.persistence.feed.FeedRow;
import dev.neurath.persistence.testing.Counter;
import dev.neurath.persistence.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
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
    void a_build_that_is_older_than_the_schema_goes_on_where_the_schema_is_for_it_too() throws Exception {
        bringUp(expanding(1));
        try (Database database = Database.open(DatabaseSettings.of(url))) {
            assertThat(new FeedLog(database).countRows()).isZero();
        }
        // Nothing was taken back.
        assertThat(number("select max(version) from neurath.schema_version")).isEqualTo(2);
        assertThat(number("select count(*) from information_schema.columns where column_name = 'trace'"))
                .isEqualTo(1);
    }

    @Test
    void a_build_that_is_too_old_for_any_version_above_its_own_is_refused() throws Exception {
        // The third one only added something; the second one is what this build cannot bear.
        bringUp(new Schema(
                List.of(new Schema.Version(1, 1), new Schema.Version(2, 2), new Schema.Version(3, 1)),
                SchemaTest::script));
        try (Database database = Database.open(DatabaseSettings.of(url))) {
            assertThatThrownBy(() -> new FeedLog(database).latest())
                    .isInstanceOf(DatabaseRefusedException.class)
                    .hasMessageContaining("schema version 3")
                    .hasMessageContaining("builds that know 2");
        }
    }

    @Test
    void a_node_that_runs_goes_on_when_the_schema_of_a_newer_build_is_put_on() throws Exception {
        ActorTestKit node = ActorTestKit.create(ConfigFactory.parseString("neurath.database.url = \"" + url + "\"")
                .withFallback(ConfigFactory.load("persistence-test")));
        try (Database database = Database.open(DatabaseSettings.of(url))) {
            TestProbe<Integer> probe = node.createTestProbe();
            ActorRef<Counter.Command> counter = node.spawn(Counter.create("counter|a"));
            counter.tell(new Counter.Add(1, probe.ref()));
            probe.expectMessage(1);
            bringUp(expanding(1));
            counter.tell(new Counter.Add(1, probe.ref()));
            probe.expectMessage(2);
            node.stop(counter);
            node.spawn(Counter.create("counter|a")).tell(new Counter.Add(1, probe.ref()));
            probe.expectMessage(3);
            assertThat(new FeedLog(database).countRows()).isEqualTo(3);
        } finally {
            node.shutdownTestKit();
        }
    }

    @Test
    void a_database_of_builds_that_could_not_tell_who_may_read_it_is_taken_over() throws Exception {
        bringUp(Schema.OF_THIS_BUILD);
        execute("alter table neurath.schema_version drop column oldest_reader");
        bringUp(Schema.OF_THIS_BUILD);
        bringUp(expanding(1));
        assertThat(number("select oldest_reader from neurath.schema_version where version = 2"))
                .isEqualTo(1);
        assertThat(number("select count(*) from neurath.schema_version where oldest_reader is null"))
                .isEqualTo(1);
    }

    @Test
    void every_version_has_its_number_its_script_and_a_reader_that_can_exist() throws Exception {
        bringUp(Schema.OF_THIS_BUILD);
        assertThatThrownBy(() -> new Schema.Version(2, 3)).hasMessageContaining("from 3 on");
        assertThatThrownBy(() -> new Schema(List.of(new Schema.Version(2, 1)), SchemaTest::script))
                .hasMessageContaining("from 1 on");
    }

    /** What a newer build would bring. */
    private static Schema expanding(int oldestReader) {
        return new Schema(List.of(new Schema.Version(1, 1), new Schema.Version(2, oldestReader)), SchemaTest::script);
    }

    private static String script(int version) {
        return switch (version) {
            case 1 -> Schema.resource(1);
            case 2 -> "alter table neurath.event add column trace bytea; create table neurath.later (id integer)";
            default -> "create table neurath.later_still (id integer)";
        };
    }

    private void bringUp(Schema schema) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url)) {
            schema.bringUpToDate(connection);
        }
    }

    private int number(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            assertThat(found.next()).isTrue();
            return found.getInt(1);
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
