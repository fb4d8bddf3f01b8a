package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.coordinator.testing.FeedFollower;
import dev.neurath.coordinator.testing.NodeProcess;
import dev.neurath.coordinator.testing.ScriptedAgent;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.VmPhase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in JVMs of their own: one is killed and another one is stopped and woken, in mid-rollout. */
class NodeKilledTest {
    private static final String[] VMS = {"k-1", "k-2", "k-3", "k-4", "k-5", "k-6"};
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration GONE = Duration.ofSeconds(60);

    @Test
    @Timeout(300)
    void attempts_in_flight_are_resumed_by_the_survivors_and_no_vm_is_handed_over_twice(@TempDir Path directory)
            throws Exception {
        try (TestFleet fleet = TestFleet.create(directory);
                NodeProcess first = NodeProcess.start(
                        directory.resolve("first"), fleet.database().jdbcUrl())) {
            TestFleet.await("the first node is ready", START, () -> !first.api().isEmpty());
            try (NodeProcess second = NodeProcess.start(
                            directory.resolve("second"), fleet.database().jdbcUrl());
                    NodeProcess third = NodeProcess.start(
                            directory.resolve("third"), fleet.database().jdbcUrl())) {
                TestFleet.await(
                        "the others are ready",
                        START,
                        () -> !second.api().isEmpty() && !third.api().isEmpty());
                // Agents dial the first one that they are given, which is the one that is killed.
                var known = List.of(first.api(), second.api(), third.api());
                fleet.reach(known);
                ScriptedAgent agent = fleet.addAgent("h1", Map.of());
                fleet.registerReleases();
                fleet.startVms("h1", VMS);
                FeedFollower before = FeedFollower.oldest(fleet.channel(first.api()));
                agent.hang("k-2");
                agent.hang("k-4");
                String rollout = fleet.rollouts()
                        .apply(ApplyRequest.newBuilder().setYaml(yaml()).build())
                        .getId();
                fleet.awaitPhase("k-2", VmPhase.VM_PHASE_SWITCHING);

                first.kill();
                fleet.reach(List.of(second.api(), third.api()));
                agent.upgrade("k-2");
                TestFleet.await(
                        "the survivors resumed what was in flight",
                        GONE,
                        () -> fleet.answers(
                                () -> fleet.vm("k-2").getRevision().getRelease().equals(TestFleet.NEW)));

                // Of two halves split-brain resolution keeps the one with the lower address: the harder case is that it
                // is
                // the one that is stopped, and the other one ends with it.
                boolean secondIsLower = second.clusterPort() < third.clusterPort();
                NodeProcess frozen = secondIsLower ? second : third;
                NodeProcess left = secondIsLower ? third : second;
                frozen.freeze();
                agent.upgrade("k-4");
                fleet.reach(List.of(left.api()));
                awaitOf(
                        left,
                        "the rollout completes without the stopped node",
                        () -> fleet.answers(
                                () -> fleet.rollout(rollout).getPhase() == RolloutPhase.ROLLOUT_PHASE_COMPLETE));
                frozen.thaw();
                for (String vm : VMS) {
                    assertThat(agent.effects(vm)).containsExactly("start g1", "switch g2");
                }

                try (FeedFollower after = FeedFollower.after(fleet.channel(left.api()), before.cursor());
                        Database database = Database.open(
                                DatabaseSettings.of(fleet.database().jdbcUrl()))) {
                    long rows = new FeedLog(database).countRows();
                    fleet.await(
                            "the rest was read",
                            () -> before.events().size() + after.events().size() >= rows);
                    var all = new ArrayList<>(before.events());
                    all.addAll(after.events());
                    assertOnceAndInOrder(all);
                }
            }
        }
    }

    private static void awaitOf(NodeProcess node, String what, BooleanSupplier condition) {
        try {
            TestFleet.await(what, GONE.plus(GONE), condition);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; the node's log:\n" + node.log(), e);
        }
    }

    private static void assertOnceAndInOrder(List<Event> events) {
        var last = new HashMap<String, Long>();
        for (Event event : events) {
            assertThat(event.getSequence()).as(event.getId()).isEqualTo(last.getOrDefault(event.getSubject(), 0L) + 1);
            last.put(event.getSubject(), event.getSequence());
        }
    }

    private static String yaml() {
        return """
                apiVersion: neurath/v1
                kind: Rollout
                metadata: { name: killed }
                release: { qemu: %s }
                limits: { vmsInFlight: 3, perHost: 3 }
                """.formatted(TestFleet.NEW);
    }
}
