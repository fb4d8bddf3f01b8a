package dev.neurath.persistence.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.testing.Await;
import dev.neurath.persistence.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FeedOrderTest {
    private final String url = TestDatabase.emptyUrl();
    private final Database database = Database.open(DatabaseSettings.of(url));
    private final FeedLog feed = new FeedLog(database);

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void concurrent_transactions_of_any_length_appear_once_in_one_order_and_each_entity_in_its_own() throws Exception {
        assertThat(feed.latest()).isEqualTo(FeedCursor.START);
        int writers = 6;
        int transactions = 60;
        ConcurrentLinkedQueue<FeedRow> fed = new ConcurrentLinkedQueue<>();
        long written = 0;
        try (FeedTail tail = FeedTail.start(database, FeedCursor.START, fed::addAll);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                int writer = i;
                results.add(threads.submit(() -> write("vm|" + writer, transactions, new Random(writer))));
            }
            for (Future<Integer> result : results) {
                written += result.get();
            }
            long all = written;
            Await.until("the tail has seen all", () -> fed.size() >= all);
            assertThat(tail.position()).isEqualTo(feed.latest());
        }
        List<FeedRow> pushed = List.copyOf(fed);
        assertThat(pushed)
                .hasSize((int) written)
                .extracting(FeedRow::cursor)
                .isSorted()
                .doesNotHaveDuplicates();
        for (int i = 0; i < writers; i++) {
            String id = "vm|" + i;
            assertThat(pushed.stream().filter(row -> row.persistenceId().equals(id)))
                    .extracting(FeedRow::sequenceNr)
                    .isSorted();
        }
        assertThat(readInPages(7)).isEqualTo(pushed);
        assertThat(feed.countRows()).isEqualTo(written);
    }

    @Test
    void a_row_behind_an_open_transaction_is_held_back_until_that_one_ends() throws Exception {
        database.reachable();
        FeedCursor committed;
        try (Connection slow = DriverManager.getConnection(url)) {
            slow.setAutoCommit(false);
            insert(slow, "vm|slow", 1);
            write("vm|fast", 1, new Random(1));
            assertThat(feed.read(FeedCursor.START, 10)).isEmpty();
            assertThat(feed.latest()).isEqualTo(FeedCursor.START);
            committed = feed.committed();
            assertThat(committed).isGreaterThan(FeedCursor.START);
            assertThat(feed.oldestAfter(FeedCursor.START)).isPresent();
            assertThat(feed.oldestAfter(committed)).isEmpty();
            slow.commit();
        }
        assertThat(feed.latest()).isGreaterThanOrEqualTo(committed);
        assertThat(feed.oldestAfter(feed.latest())).isEmpty();
        assertThat(feed.read(FeedCursor.START, 10))
                .extracting(FeedRow::persistenceId)
                .startsWith("vm|slow")
                .contains("vm|fast");
    }

    @Test
    void a_tail_that_loses_its_connection_goes_on_where_it_was() throws Exception {
        ConcurrentLinkedQueue<FeedRow> fed = new ConcurrentLinkedQueue<>();
        database.reachable();
        try (FeedTail tail = FeedTail.start(database, FeedCursor.START, fed::addAll)) {
            int first = write("vm|a", 3, new Random(1));
            Await.until("the first rows are fed", () -> fed.size() == first);
            endSessions("neurath-feed");
            int second = write("vm|b", 3, new Random(2));
            Await.until("all rows are fed", () -> fed.size() == first + second);
            // It is told after the rows are.
            Await.until("the tail is at the end", () -> tail.position().equals(feed.latest()));
        }
        assertThat(fed).extracting(FeedRow::cursor).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void entities_are_listed_by_prefix_and_only_those() throws Exception {
        database.reachable();
        for (String id : List.of("rollout|b", "rollout|a", "rollout|\u00e4", "rollou", "rollout}x", "vm|1")) {
            write(id, 2, new Random(3));
        }
        assertThat(feed.entityIds("rollout|")).containsExactly("rollout|a", "rollout|b", "rollout|\u00e4");
        assertThat(feed.entityIds("host|")).isEmpty();
    }

    @Test
    void an_epoch_names_the_servers_history() {
        assertThat(feed.epoch()).matches("\\d+\\.\\d+").isEqualTo(feed.epoch());
    }

    @Test
    void cursors_keep_their_meaning_as_text_and_other_text_is_refused() {
        FeedCursor cursor = new FeedCursor(912, 55);
        assertThat(FeedCursor.parse(cursor.toString())).isEqualTo(cursor);
        for (String bad : List.of("", "1", "a-b", "1-2-3", "-1-2", "99999999999999999999-1")) {
            assertThatThrownBy(() -> FeedCursor.parse(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private List<FeedRow> readInPages(int size) {
        List<FeedRow> rows = new ArrayList<>();
        List<FeedRow> page = feed.read(FeedCursor.START, size);
        while (!page.isEmpty()) {
            rows.addAll(page);
            page = feed.read(page.getLast().cursor(), size);
        }
        return rows;
    }

    /** Returns how many rows it wrote. */
    private int write(String id, int transactions, Random random) throws SQLException {
        int sequenceNr = 0;
        try (Connection connection = DriverManager.getConnection(url)) {
            connection.setAutoCommit(false);
            for (int i = 0; i < transactions; i++) {
                int rows = 1 + random.nextInt(5);
                for (int row = 0; row < rows; row++) {
                    insert(connection, id, ++sequenceNr);
                }
                if (random.nextInt(4) == 0) {
                    try (Statement pause = connection.createStatement()) {
                        pause.execute("select pg_sleep(0.005)");
                    }
                }
                connection.commit();
            }
        }
        return sequenceNr;
    }

    private static void insert(Connection connection, String id, long sequenceNr) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into neurath.event"
                + " (persistence_id, seq_nr, writer, written_at, event_manifest, ser_id, ser_manifest, payload)"
                + " values (?, ?, 'w', 0, '', 1, 'text', 'x')")) {
            insert.setString(1, id);
            insert.setLong(2, sequenceNr);
            insert.executeUpdate();
        }
    }

    private void endSessions(String applicationName) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement end =
                        connection.prepareStatement("select pg_terminate_backend(pid) from pg_stat_activity"
                                + " where application_name = ? and datname = current_database()")) {
            end.setString(1, applicationName);
            try (ResultSet ended = end.executeQuery()) {
                assertThat(ended.next()).isTrue();
            }
        }
    }
}
