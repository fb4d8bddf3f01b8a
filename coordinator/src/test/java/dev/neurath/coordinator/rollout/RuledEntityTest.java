package dev.neurath.coordinator.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.neurath.model.Decision;
import dev.neurath.persistence.events.EventCodecs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.ProcessingSuccess;
import org.apache.pekko.persistence.testkit.ReadEvents;
import org.apache.pekko.persistence.testkit.StorageFailure;
import org.apache.pekko.persistence.testkit.WriteEvents;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RuledEntityTest {
    private static final Config CONFIG =
            PersistenceTestKitPlugin.getInstance().config().withFallback(PersistenceTestKitSnapshotPlugin.config());

    @SuppressWarnings("NullAway.Init")
    private static ActorTestKit kit;

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    private final List<String> effects = new CopyOnWriteArrayList<>();
    private final TestProbe<EntityReply> replies = kit.createTestProbe();

    // Here and not in the field: a failed test is run again in the same JVM, after stop().
    @BeforeAll
    static void start() {
        kit = ActorTestKit.create(CONFIG.withFallback(ConfigFactory.load()));
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @AfterEach
    void takeEveryEventAgain() {
        journal.resetPolicy();
    }

    @Test
    void what_comes_while_events_are_written_is_decided_in_order_and_written_together() throws Exception {
        var writing = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        List<Integer> appends = new CopyOnWriteArrayList<>();
        journal.withPolicy((pid, operation) -> {
            if (operation instanceof WriteEvents write) {
                appends.add(write.batch().size());
                writing.countDown();
                awaitOrFail(goOn);
            }
            return ProcessingSuccess.getInstance();
        });
        var entity = entity();
        entity.tell(new EntityMessage.Ask<>("a", replies.getRef()));
        awaitOrFail(writing);
        for (String next : List.of("b", "c", "b", "d")) {
            entity.tell(new EntityMessage.Ask<>(next, replies.getRef()));
        }
        replies.expectNoMessage(Duration.ofMillis(100));
        assertThat(effects).isEmpty();
        goOn.countDown();
        // The second b is refused because of the first, which had not been written when it was decided.
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            answers.add(replies.receiveMessage(Duration.ofSeconds(10)) instanceof EntityReply.Accepted ? "yes" : "no");
        }
        assertThat(answers).containsExactly("yes", "yes", "yes", "no", "yes");
        assertThat(appends).containsExactly(1, 3);
        assertThat(effects).containsExactly("did a", "did b", "did c", "did d");
    }

    @Test
    void of_what_was_not_written_nothing_is_answered_and_the_entity_goes_on() throws Exception {
        var fail = new CountDownLatch(1);
        journal.withPolicy((pid, operation) -> operation instanceof WriteEvents && fail.getCount() > 0
                ? StorageFailure.create(new IllegalStateException("no database"))
                : ProcessingSuccess.getInstance());
        var entity = entity();
        entity.tell(new EntityMessage.Ask<>("a", replies.getRef()));
        entity.tell(new EntityMessage.Ask<>("b", replies.getRef()));
        replies.expectNoMessage(Duration.ofMillis(300));
        assertThat(effects).isEmpty();
        fail.countDown();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!effects.contains("did c") && System.nanoTime() - end < 0) {
            entity.tell(new EntityMessage.Tell<>("c"));
            Thread.sleep(50);
        }
        assertThat(effects).contains("did c").doesNotContain("did a");
    }

    @Test
    void what_a_newer_build_wrote_is_refused_by_its_code_and_tried_once_only() {
        var first = entity();
        first.tell(new EntityMessage.Ask<>("a", replies.getRef()));
        assertThat(replies.receiveMessage(Duration.ofSeconds(10))).isInstanceOf(EntityReply.Accepted.class);
        effects.clear();
        kit.stop(first);
        var reads = new AtomicInteger();
        journal.withPolicy((pid, operation) -> {
            if (operation instanceof ReadEvents) {
                reads.incrementAndGet();
                return StorageFailure.create(newerEvent());
            }
            return ProcessingSuccess.getInstance();
        });
        var entity = entity("e" + NUMBERS.get());
        for (int i = 0; i < 3; i++) {
            entity.tell(new EntityMessage.Ask<>("a", replies.getRef()));
            assertThat(replies.receiveMessage(Duration.ofSeconds(10)))
                    .isInstanceOfSatisfying(EntityReply.Refused.class, refused -> {
                        assertThat(refused.refusal().code()).isEqualTo("NEWER_BUILD");
                        assertThat(refused.refusal().sentence()).startsWith("once e");
                    });
        }
        replies.expectNoMessage(Duration.ofMillis(600));
        assertThat(reads).hasValue(1);
        assertThat(effects).isEmpty();
    }

    private static RuntimeException newerEvent() {
        return catchThrowableOfType(
                RuntimeException.class,
                () -> new EventCodecs(new EntityEventCodecs().codecs()).decode("rollout/2", new byte[0]));
    }

    private static void awaitOrFail(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private ActorRef<EntityMessage<String>> entity() {
        return entity("e" + NUMBERS.incrementAndGet());
    }

    private ActorRef<EntityMessage<String>> entity(String id) {
        var settings = new RuledEntity.Settings(Duration.ofHours(1), Duration.ofHours(1));
        return kit.spawn(RuledEntity.create(id, new Once(effects), settings, Clock.systemUTC()));
    }

    /** Takes each word once. */
    private record Once(List<String> effects) implements EntityRules<List<String>, String, String, String> {
        @Override
        public String kind() {
            return "once";
        }

        @Override
        public List<String> initial(String id) {
            return List.of();
        }

        @Override
        public List<String> evolve(List<String> state, String event) {
            var next = new ArrayList<>(state);
            next.add(event);
            return List.copyOf(next);
        }

        @Override
        public Decision<String, String> decide(List<String> state, String command, Instant now) {
            return state.contains(command)
                    ? Decision.refuse("TWICE", "There is " + command + " already.", "nothing to do")
                    : Decision.accept(List.of(command), List.of("did " + command));
        }

        @Override
        public List<String> effectsDue(List<String> state, Instant now) {
            return List.of();
        }

        @Override
        public Optional<String> tick(List<String> state) {
            return Optional.empty();
        }

        @Override
        public void run(String id, String effect) {
            effects.add(effect);
        }
    }
}
