package dev.neurath.chaos.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.chaos.handover.Releases;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever becomes of one of three nodes, and whenever: the rollout completes, no guest is handed over twice, and the feed leaves nothing out. */
@Tag("qemu")
@Timeout(600)
class NodesTest {
    private static final Duration A_MINUTE = Duration.ofMinutes(1);

    /** The founder, to which both agents are connected and which probably carries the rollout: the hardest to lose. */
    @Test
    void a_rollout_completes_without_the_node_that_was_killed() throws Exception {
        survives(new NodesPlan(Blow.kill, 1, Duration.ofMillis(1200), A_MINUTE, 16, 2));
    }

    @Test
    void a_node_that_slept_for_a_minute_wakes_up_and_disturbs_nobody() throws Exception {
        survives(new NodesPlan(Blow.stop, 1, Duration.ofMillis(1200), A_MINUTE, 6, 2));
    }

    /** As an upgrade of Neurath itself does it; two builds side by side are {@code neurath chaos nodes --other DIR}. */
    @Test
    void nodes_and_an_agent_that_are_restarted_one_by_one_disturb_no_rollout() throws Exception {
        survives(new NodesPlan(Blow.upgrade, 1, Duration.ZERO, A_MINUTE, 8, 2));
    }

    static Stream<Arguments> moments() {
        return IntStream.rangeClosed(1, NodesPlan.NODES)
                .boxed()
                .flatMap(node -> IntStream.of(0, 300, 2000, 4000)
                        .boxed()
                        .flatMap(after -> Stream.of(Blow.kill, Blow.restart, Blow.stop)
                                .map(blow -> Arguments.of(blow, node, after))));
    }

    @ParameterizedTest
    @MethodSource("moments")
    @Tag("soak")
    void whichever_node_and_whenever(Blow blow, int node, int afterMillis) throws Exception {
        survives(new NodesPlan(blow, node, Duration.ofMillis(afterMillis), Duration.ofSeconds(45), 8, 2));
    }

    private static void tell(String line) {
        System.out.println(line);
    }

    private static void survives(NodesPlan plan) throws Exception {
        Releases releases = Releases.fetch("10.0.2", "11.1.3", line -> {});
        try (NodesRun run = new NodesRun(plan, releases, Build.THIS, NodesTest::tell)) {
            NodesResult result = run.run();
            assertThat(result.problems()).isEmpty();
            assertThat(result.upgraded()).isEqualTo(plan.vms());
            assertThat(result.switches()).isEqualTo(plan.vms());
            assertThat(result.feedEvents()).isEqualTo(result.journalRows());
        }
    }
}
