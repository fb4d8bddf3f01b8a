package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.codec.BuildVersion;
import dev.neurath.coordinator.testing.FeedFollower;
import dev.neurath.coordinator.testing.ScriptedAgent;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.ListVmsRequest;
import dev.neurath.proto.v1.PlanRequest;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.VmPhase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that come and go, and a database that goes and comes back, in mid-rollout. A node killed with -9 is in chaos-tests, in JVMs of its own. */
class SeveralNodesTest {
    private static final String[] VMS = {"n-1", "n-2", "n-3", "n-4"};

    @Test
    void a_rollout_and_a_reader_survive_the_leaving_of_the_node_that_served_them(@TempDir Path directory)
            throws Exception {
        try (TestFleet fleet = TestFleet.create(directory)) {
            TestFleet.TestNode first = fleet.addNode();
            TestFleet.TestNode second = fleet.addNode();
            // By it, shards go to the newer nodes while some are upgraded.
            assertThat(Cluster.get(second.node().system()).state().getMembers())
                    .hasSize(2)
                    .allMatch(member ->
                            BuildVersion.text().startsWith(member.appVersion().version()));
            ScriptedAgent agent = fleet.addAgent("h1", Map.of());
            fleet.registerReleases();
            fleet.startVms("h1", VMS);
            assertThat(fleet.fleet(second)
                            .listVms(ListVmsRequest.getDefaultInstance())
                            .getVmsList())
                    .hasSize(VMS.length);
            assertThat(fleet.rollouts(second)
                            .plan(PlanRequest.newBuilder().setYaml(yaml()).build())
                            .getPlan()
                            .getId())
                    .isEqualTo(fleet.rollouts(first)
                            .plan(PlanRequest.newBuilder().setYaml(yaml()).build())
                            .getPlan()
                            .getId());

            FeedFollower before = FeedFollower.oldest(fleet.channel(first));
            agent.hang("n-2");
            Rollout rollout = fleet.rollouts(first)
                    .apply(ApplyRequest.newBuilder().setYaml(yaml()).build());
            fleet.awaitPhase("n-2", VmPhase.VM_PHASE_SWITCHING);
            fleet.stop(first);
            fleet.await("the reader was told to go", () -> before.failure() != null);
            agent.upgrade("n-2");
            fleet.awaitRollout(rollout.getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
            for (String vm : VMS) {
                assertThat(agent.effects(vm)).containsExactly("start g1", "switch g2");
            }

            try (FeedFollower after = FeedFollower.after(fleet.channel(second), before.cursor());
                    Database database =
                            Database.open(DatabaseSettings.of(fleet.database().jdbcUrl()))) {
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

    @Test
    void a_rollout_goes_on_by_itself_when_the_database_was_away(@TempDir Path directory) throws Exception {
        try (TestFleet fleet = TestFleet.create(directory)) {
            fleet.addNode();
            ScriptedAgent agent = fleet.addAgent("h1", Map.of());
            fleet.registerReleases();
            fleet.startVms("h1", VMS);
            agent.hang("n-3");
            Rollout rollout = fleet.rollouts()
                    .apply(ApplyRequest.newBuilder().setYaml(yaml()).build());
            fleet.awaitPhase("n-3", VmPhase.VM_PHASE_SWITCHING);
            ProcessHandle.of(fleet.database().pid()).orElseThrow().destroyForcibly();
            agent.upgrade("n-3");
            fleet.awaitRollout(rollout.getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
            for (String vm : VMS) {
                assertThat(agent.effects(vm)).containsExactly("start g1", "switch g2");
            }
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
                metadata: { name: several }
                release: { qemu: %s }
                limits: { vmsInFlight: 2, perHost: 2 }
                """.formatted(TestFleet.NEW);
    }
}
