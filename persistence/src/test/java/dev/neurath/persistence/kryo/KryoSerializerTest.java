package dev.neurath.persistence.kryo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KryoSerializerTest {
    enum Color {
        RED {
            @Override
            int shade() {
                return 1;
            }
        },
        BLUE {
            @Override
            int shade() {
                return 2;
            }
        };

        abstract int shade();
    }

    sealed interface Shape permits Circle, Named {}

    record Circle(double radius, Color color) implements Shape {}

    record Named(String name, Optional<Shape> inner) implements Shape {}

    record Everything(
            int number,
            List<Shape> shapes,
            Map<String, Integer> counts,
            Set<UUID> ids,
            Optional<Instant> at,
            Duration pause,
            ActorRef<String> replyTo)
            implements NodeMessage {}

    record Unknown(int x) implements NodeMessage {}

    record Dot(int x) implements NodeMessage {}

    public static final class Registration implements KryoRegistration {
        @Override
        public void register(KryoIds ids) {
            ids.add(900, Everything.class)
                    .add(901, Circle.class)
                    .add(902, Named.class)
                    .add(903, Color.class)
                    .add(904, Dot.class);
        }
    }

    /** Of a build that is newer by one message. */
    public static final class Later implements KryoRegistration {
        @Override
        public void register(KryoIds ids) {
            new Registration().register(ids);
            ids.add(905, Unknown.class);
        }
    }

    private static ActorTestKit kit;

    private final KryoSerializer kryo;

    KryoSerializerTest() throws Exception {
        kryo = (KryoSerializer)
                SerializationExtension.get(kit.system().classicSystem()).serializerFor(Everything.class);
    }

    // Here and not in the field: a failed test is run again in the same JVM, after stop().
    @BeforeAll
    static void start() {
        kit = ActorTestKit.create(ConfigFactory.parseString("neurath.serialization.max-message-bytes = 64 KiB\n"
                        + "neurath.serialization.kryo-registrations.test = \"" + Registration.class.getName()
                        + "\"")
                .withFallback(ConfigFactory.load("persistence-test")));
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void records_collections_times_and_actor_references_arrive_as_they_were() throws Exception {
        TestProbe<String> probe = kit.createTestProbe();
        Everything sent = everything(probe.ref());
        Everything received = (Everything) kryo.fromBinary(kryo.toBinary(sent));
        assertThat(received)
                .usingRecursiveComparison()
                .ignoringFields("replyTo")
                .isEqualTo(sent);
        received.replyTo().tell("hello");
        probe.expectMessage("hello");
    }

    @Test
    void collections_of_any_class_arrive_unmodifiable() throws Exception {
        for (List<?> list : List.of(List.of(1), Arrays.asList(1, 2), new ArrayList<>(List.of(1, 2, 3)).subList(1, 2))) {
            Object received = kryo.fromBinary(kryo.toBinary(list));
            assertThat(received).isEqualTo(list);
            assertThatThrownBy(((List<?>) received)::clear).isInstanceOf(UnsupportedOperationException.class);
        }
        Map<String, Integer> sorted = new TreeMap<>(Map.of("b", 2, "a", 1));
        assertThat(kryo.fromBinary(kryo.toBinary(sorted))).isEqualTo(sorted);
        assertThat(kryo.fromBinary(kryo.toBinary(new HashMap<>(sorted)))).isEqualTo(sorted);
    }

    @Test
    void done_arrives_as_the_one_that_there_is() throws Exception {
        assertThat(kryo.fromBinary(kryo.toBinary(Done.getInstance()))).isSameAs(Done.getInstance());
    }

    @Test
    void a_class_without_a_number_is_refused_by_name() {
        assertThatThrownBy(() -> kryo.toBinary(new Unknown(1))).hasMessageContaining("Unknown");
    }

    @Test
    void a_message_of_another_build_is_refused_by_its_number_and_counted() {
        byte[] good = kryo.toBinary(everything(kit.<String>createTestProbe().ref()));
        long before = UnreadMessages.total();
        byte[] cut = Arrays.copyOf(good, good.length - 1);
        assertThatThrownBy(() -> kryo.fromBinary(cut))
                .hasMessageContaining("number 900, " + Everything.class.getName())
                .hasMessageContaining("newer or older build");
        // A number is written with two added, seven bits a byte.
        byte[] newer = {(byte) (((950 + 2) & 0x7f) | 0x80), (byte) ((950 + 2) >>> 7), 1, 2, 3};
        assertThatThrownBy(() -> kryo.fromBinary(newer)).hasMessageContaining("number 950, unknown here");
        assertThatThrownBy(() -> kryo.fromBinary(new byte[0])).hasMessageContaining("without a number");
        assertThat(UnreadMessages.total()).isEqualTo(before + 3);
    }

    /** As a node appends one to an enum, and sends it to a node that lacks it. */
    @Test
    void a_constant_that_an_enum_lacks_is_refused_and_never_another_one() {
        byte[] red = kryo.toBinary(new Circle(1, Color.RED));
        byte[] third = red.clone();
        assertThat(third[4]).isEqualTo((byte) 1);
        third[4] = 3;
        assertThatThrownBy(() -> kryo.fromBinary(third)).hasMessageContaining("Invalid ordinal");
    }

    @Test
    void a_message_that_cannot_be_read_is_dropped_and_the_next_one_arrives() {
        ActorTestKit newer = node("newer", Later.class.getName());
        ActorTestKit older = node("older", Registration.class.getName());
        try {
            TestProbe<NodeMessage> probe = older.createTestProbe();
            ActorRef<NodeMessage> there = ActorRefResolver.get(newer.system())
                    .resolveActorRef(ActorRefResolver.get(older.system()).toSerializationFormat(probe.ref()));
            long before = UnreadMessages.total();
            there.tell(new Unknown(1));
            there.tell(new Dot(2));
            assertThat(probe.receiveMessage(Duration.ofSeconds(20))).isEqualTo(new Dot(2));
            assertThat(UnreadMessages.total()).isEqualTo(before + 1);
        } finally {
            newer.shutdownTestKit();
            older.shutdownTestKit();
        }
    }

    private static ActorTestKit node(String name, String registration) {
        return ActorTestKit.create(
                name,
                ConfigFactory.parseString("pekko.actor.provider = cluster\n"
                                + "pekko.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }\n"
                                + "pekko.cluster.jmx.enabled = off\n"
                                + "neurath.serialization.kryo-registrations.test = \"" + registration + "\"")
                        .withFallback(ConfigFactory.load("persistence-test")));
    }

    @Test
    void too_large_messages_are_refused_when_written_and_when_read() {
        List<String> large = List.of("x".repeat(100_000));
        assertThatThrownBy(() -> kryo.toBinary(large)).hasMessageContaining("65536");
        assertThatThrownBy(() -> kryo.fromBinary(new byte[70_000])).hasMessageContaining("65536");
    }

    @Test
    void broken_bytes_are_refused_and_allocate_nothing_big() {
        byte[] good = kryo.toBinary(everything(kit.<String>createTestProbe().ref()));
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> kryo.fromBinary(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        byte[] endlessList = {23, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7};
        assertThatThrownBy(() -> kryo.fromBinary(endlessList)).hasMessageContaining("elements in");
    }

    @Test
    void a_length_is_believed_only_as_far_as_there_are_bytes() {
        assertThatThrownBy(() -> kryo.fromBinary(endless(kryo.toBinary("\u00fc"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("A string of");
        assertThatThrownBy(() -> kryo.fromBinary(endless(kryo.toBinary(new byte[] {1}))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("An array of");
    }

    /** The class's number as it was, then the greatest length there is. */
    private static byte[] endless(byte[] message) {
        byte[] endless = Arrays.copyOf(message, 12);
        Arrays.fill(endless, 1, 6, (byte) 0xff);
        endless[6] = 7;
        return endless;
    }

    @Test
    void lists_in_lists_are_refused_before_they_end_the_stack() {
        byte[] nested = new byte[60_000];
        for (int i = 0; i + 1 < nested.length; i += 2) {
            nested[i] = 23;
            nested[i + 1] = 1;
        }
        assertThatThrownBy(() -> kryo.fromBinary(nested))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("depth");
    }

    /** Garbage that begins like a message, from a seed: whatever it makes of the classes, it is refused or read, and nothing else happens. */
    @Test
    void garbage_is_refused_or_read() {
        byte[] good = kryo.toBinary(everything(kit.<String>createTestProbe().ref()));
        var random = new Random(20_261_120);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] message = round % 2 == 0 ? good.clone() : new byte[1 + random.nextInt(300)];
            if (round % 2 == 1) {
                random.nextBytes(message);
            }
            for (int change = 0; change < 1 + random.nextInt(4); change++) {
                message[random.nextInt(message.length)] = (byte) random.nextInt();
            }
            try {
                kryo.fromBinary(message);
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(10_000);
    }

    @Test
    void many_threads_share_the_serializer() throws Exception {
        Everything sent = everything(kit.<String>createTestProbe().ref());
        List<Future<Boolean>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 200; i++) {
                results.add(threads.submit(() -> {
                    Everything received = (Everything) kryo.fromBinary(kryo.toBinary(sent));
                    return received.shapes().equals(sent.shapes());
                }));
            }
        }
        for (Future<Boolean> result : results) {
            assertThat(result.get()).isTrue();
        }
    }

    @Test
    void a_number_or_a_class_is_given_once() {
        KryoIds ids = new KryoIds().add(100, Circle.class);
        assertThatThrownBy(() -> ids.add(100, Named.class)).hasMessageContaining("given to both");
        assertThatThrownBy(() -> ids.add(101, Circle.class)).hasMessageContaining("twice");
        assertThatThrownBy(() -> ids.add(99, Named.class)).hasMessageContaining("start at 100");
    }

    private static Everything everything(ActorRef<String> replyTo) {
        return new Everything(
                -7,
                List.of(new Circle(1.5, Color.RED), new Named("n", Optional.of(new Circle(2, Color.BLUE)))),
                Map.of("one", 1),
                Set.of(new UUID(1, 2)),
                Optional.of(Instant.parse("2026-11-20T10:00:00.123456789Z")),
                Duration.ofMillis(1500),
                replyTo);
    }
}
