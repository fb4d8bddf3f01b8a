package dev.neurath.persistence.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.neurath.persistence.kryo.NodeMessage;
import dev.neurath.persistence.testing.Await;
import dev.neurath.persistence.testing.Counter;
import dev.neurath.persistence.testing.TestDatabase;
import java.io.NotSerializableException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JournalTest {
    private final String url = TestDatabase.emptyUrl();
    private final ActorTestKit kit = ActorTestKit.create(config(url));

    static Config config(String url) {
        return ConfigFactory.parseString("neurath.database.url = \"" + url + "\"")
                .withFallback(ConfigFactory.load("persistence-test"));
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void an_entity_remembers_what_it_persisted() {
        TestProbe<Integer> probe = kit.createTestProbe();
        ActorRef<Counter.Command> counter = kit.spawn(Counter.create("counter|a"));
        for (int i = 1; i <= 250; i++) {
            counter.tell(new Counter.Add(1, probe.ref()));
            probe.expectMessage(i);
        }
        kit.stop(counter);
        kit.spawn(Counter.create("counter|a")).tell(new Counter.Add(1, probe.ref()));
        assertThat(probe.receiveMessage()).isEqualTo(251);
    }

    @Test
    void snapshots_and_deleted_events_leave_the_state_whole() {
        TestProbe<Integer> probe = kit.createTestProbe();
        ActorRef<Counter.Command> counter = kit.spawn(Counter.withSnapshots("counter|b"));
        for (int i = 1; i <= 30; i++) {
            counter.tell(new Counter.Add(1, probe.ref()));
            probe.expectMessage(i);
        }
        kit.stop(counter);
        kit.spawn(Counter.withSnapshots("counter|b")).tell(new Counter.Add(1, probe.ref()));
        assertThat(probe.receiveMessage()).isEqualTo(31);
    }

    @Test
    void a_snapshot_of_another_level_is_passed_over_and_all_events_are_replayed() throws Exception {
        ActorRef<Counter.Command> counter = kit.spawn(Counter.withSnapshotsAndAllEvents("counter|e"));
        TestProbe<Integer> probe = added(counter, 20);
        kit.stop(counter);
        spoilSnapshots("counter|e");
        kit.spawn(Counter.withSnapshotsAndAllEvents("counter|e")).tell(new Counter.Add(1, probe.ref()));
        assertThat(probe.receiveMessage()).isEqualTo(21);
    }

    @Test
    void a_snapshot_is_not_passed_over_where_the_events_before_it_are_gone() throws Exception {
        ActorRef<Counter.Command> counter = kit.spawn(Counter.withSnapshots("counter|f"));
        TestProbe<Integer> probe = added(counter, 20);
        Await.until("events are deleted", () -> number("select count(*) from neurath.deletion") == 1);
        kit.stop(counter);
        spoilSnapshots("counter|f");
        ActorRef<Counter.Command> again = kit.spawn(Counter.withSnapshots("counter|f"));
        probe.expectTerminated(again);
    }

    private TestProbe<Integer> added(ActorRef<Counter.Command> counter, int times) {
        TestProbe<Integer> probe = kit.createTestProbe();
        for (int i = 1; i <= times; i++) {
            counter.tell(new Counter.Add(1, probe.ref()));
            probe.expectMessage(i);
        }
        return probe;
    }

    /** As if a newer build had kept them. */
    private void spoilSnapshots(String entity) throws Exception {
        Await.until("there is a snapshot", () -> number("select count(*) from neurath.snapshot") > 0);
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("update neurath.snapshot set ser_manifest = 'counter-sum/2',"
                            + " payload = '999' where persistence_id = '" + entity + "'"))
                    .isPositive();
        }
    }

    private int number(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            found.next();
            return found.getInt(1);
        }
    }

    @Test
    void an_event_that_cannot_be_written_is_rejected_and_the_entity_goes_on_from_what_was() {
        TestProbe<Integer> probe = kit.createTestProbe();
        ActorRef<Counter.Command> counter = kit.spawn(Counter.create("counter|c"));
        counter.tell(new Counter.Add(4, probe.ref()));
        probe.expectMessage(4);
        counter.tell(new Counter.Spoil(probe.ref()));
        probe.expectTerminated(counter);
        kit.spawn(Counter.create("counter|c")).tell(new Counter.Add(1, probe.ref()));
        probe.expectMessage(5);
    }

    @Test
    void of_two_live_copies_of_an_entity_only_one_writes_on() {
        TestProbe<Integer> probe = kit.createTestProbe();
        ActorRef<Counter.Command> stale = kit.spawn(Counter.create("counter|d"));
        stale.tell(new Counter.Add(1, probe.ref()));
        probe.expectMessage(1);
        ActorRef<Counter.Command> next = kit.spawn(Counter.create("counter|d"));
        next.tell(new Counter.Add(1, probe.ref()));
        probe.expectMessage(2);
        stale.tell(new Counter.Add(100, probe.ref()));
        probe.expectTerminated(stale);
        next.tell(new Counter.Add(1, probe.ref()));
        probe.expectMessage(3);
    }

    @Test
    void what_is_bound_to_kryo_never_enters_the_journal() {
        NodeMessage message = new NodeMessage() {};
        Serialization serialization = SerializationExtension.get(kit.system().classicSystem());
        assertThatThrownBy(() -> Payload.of(message, serialization))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("messages between nodes only");
    }
}
