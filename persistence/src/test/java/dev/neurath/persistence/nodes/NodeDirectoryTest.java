package dev.neurath.persistence.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.testing.Await;
import dev.neurath.persistence.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NodeDirectoryTest {
    private static final Duration SILENCE = Duration.ofSeconds(1);

    private final Database database = Database.open(DatabaseSettings.of(TestDatabase.emptyUrl()));

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void of_many_that_start_at_once_on_an_empty_database_exactly_one_founds_and_the_others_join_it() throws Exception {
        int nodes = 8;
        CyclicBarrier together = new CyclicBarrier(nodes);
        List<Future<Seat>> seats = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(nodes)) {
            for (int i = 0; i < nodes; i++) {
                NodeDirectory node = node("n" + i);
                seats.add(threads.submit(() -> {
                    together.await();
                    return node.seek();
                }));
            }
        }
        List<Seat> all = new ArrayList<>();
        for (Future<Seat> seat : seats) {
            all.add(seat.get());
        }
        assertThat(all).filteredOn(seat -> seat instanceof Seat.Found).hasSize(1);
        List<Seat> joins =
                all.stream().filter(seat -> seat instanceof Seat.Join).toList();
        assertThat(joins).hasSize(nodes - 1);
        String founder = "n"
                + all.indexOf(all.stream()
                        .filter(seat -> seat instanceof Seat.Found)
                        .findFirst()
                        .orElseThrow());
        assertThat(joins).allMatch(seat -> seat.equals(new Seat.Join(List.of(founder))));
    }

    @Test
    void members_are_joined_and_those_that_left_are_not_waited_for() {
        NodeDirectory first = node("a");
        NodeDirectory second = node("b");
        assertThat(first.seek()).isInstanceOf(Seat.Found.class);
        assertThat(second.seek()).isEqualTo(new Seat.Join(List.of("a")));
        assertThat(second.joined(List.of("a", "b"))).isEqualTo(NodeDirectory.Standing.ALIVE);
        assertThat(first.members()).containsExactly("a", "b");
        first.leave();
        assertThat(node("c").seek()).isEqualTo(new Seat.Join(List.of("b")));
        second.leave();
        assertThat(node("d").seek()).isInstanceOf(Seat.Found.class);
    }

    @Test
    void after_a_crash_of_all_a_node_elsewhere_founds_only_when_it_has_witnessed_their_silence() throws Exception {
        assertThat(node("a").seek()).isInstanceOf(Seat.Found.class);
        NodeDirectory late = node("b");
        long start = System.nanoTime();
        Await.until("the silent founder is given up", () -> late.seek() instanceof Seat.Found);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(SILENCE);
        assertThat(late.members()).containsExactly("b");
    }

    @Test
    void after_a_crash_a_node_that_is_back_at_the_same_address_founds_at_once() {
        assertThat(node("a").seek()).isInstanceOf(Seat.Found.class);
        assertThat(node("a").seek()).isInstanceOf(Seat.Found.class);
    }

    @Test
    void a_member_that_was_given_up_learns_that_it_is_superseded() throws Exception {
        NodeDirectory cutOff = node("a");
        assertThat(cutOff.seek()).isInstanceOf(Seat.Found.class);
        assertThat(cutOff.beat()).isEqualTo(NodeDirectory.Standing.ALIVE);
        NodeDirectory next = node("b");
        Await.until("the silent one is given up", () -> next.seek() instanceof Seat.Found);
        assertThat(cutOff.beat()).isEqualTo(NodeDirectory.Standing.SUPERSEDED);
        assertThat(cutOff.joined(List.of("a"))).isEqualTo(NodeDirectory.Standing.SUPERSEDED);
        assertThat(next.beat()).isEqualTo(NodeDirectory.Standing.ALIVE);
    }

    @Test
    void a_second_process_at_an_address_supersedes_the_first() {
        NodeDirectory first = node("a");
        first.seek();
        node("a").seek();
        assertThat(first.beat()).isEqualTo(NodeDirectory.Standing.SUPERSEDED);
    }

    @Test
    void silence_counts_only_while_somebody_looks_and_a_beat_ends_it() {
        SilenceWitness witness = new SilenceWitness(Duration.ofNanos(100));
        UUID incarnation = UUID.randomUUID();
        NodeRow still = new NodeRow("a", incarnation, null, 1, false);
        NodeRow beating = new NodeRow("a", incarnation, null, 2, false);
        witness.look(List.of(still), 1000, 1001);
        witness.look(List.of(still), 1040, 1041);
        witness.look(List.of(still), 1080, 1081);
        assertThat(witness.silent(still)).isFalse();
        witness.look(List.of(still), 1120, 1121);
        assertThat(witness.silent(still)).isTrue();
        witness.look(List.of(beating), 1140, 1141);
        assertThat(witness.silent(beating)).isFalse();
        witness.look(List.of(beating), 1500, 1501);
        assertThat(witness.silent(beating)).as("nobody looked for a while").isFalse();
    }

    private NodeDirectory node(String address) {
        return new NodeDirectory(database, address, SILENCE);
    }
}
