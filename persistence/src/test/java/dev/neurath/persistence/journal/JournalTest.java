package dev.neurath.persistence.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.neurath.persistence.testing.Counter;
import dev.neurath.persistence.testing.TestDatabase;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JournalTest {
    private final ActorTestKit kit = ActorTestKit.create(config(TestDatabase.emptyUrl()));

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
}
