package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.coordinator.testing.ScriptedAgent;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.Filter;
import dev.neurath.proto.v1.ListEventsRequest;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.ThawRequest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The database is lost and an older backup of it takes its place, while the agents know what they did since. */
class RestoredJournalTest {
    private static final String BACKUP = "backup";

    @Test
    @Timeout(180)
    void nothing_begins_until_a_human_has_looked_and_what_the_agents_say_is_adopted(@TempDir Path directory)
            throws Exception {
        try (TestFleet fleet = TestFleet.create(directory)) {
            TestFleet.TestNode first = fleet.addNode();
            ScriptedAgent agent = fleet.addAgent("h1", Map.of());
            fleet.registerReleases();
            fleet.startVms("h1", "b-1", "b-2");
            fleet.stop(first);
            String backup = backUp(fleet.database().jdbcUrl());

            TestFleet.TestNode second = fleet.addNode();
            fleet.awaitConnected("h1");
            fleet.awaitRollout(apply(fleet, "forth", TestFleet.NEW), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
            fleet.stop(second);

            TestFleet.TestNode restored = fleet.addNode(Map.of("neurath.database.url", backup));
            fleet.await("the fleet is frozen", () -> !frozen(fleet, restored).isEmpty());
            assertThat(frozen(fleet, restored)).singleElement().satisfies(event -> {
                assertThat(event.getSentence())
                        .contains("older than its agents", "host h1 has carried out generation 2");
                assertThat(event.getActor()).startsWith("vm/b-");
            });
            for (String vm : List.of("b-1", "b-2")) {
                fleet.await(
                        "VM " + vm + " is what its agent says",
                        () -> fleet.vm(vm).getRevision().getRelease().equals(TestFleet.NEW));
            }

            String back = apply(fleet, "back", TestFleet.OLD);
            fleet.await(
                    "its VMs wait for the thaw",
                    () -> fleet.rollout(back).getPhase() == RolloutPhase.ROLLOUT_PHASE_RUNNING);
            assertThat(agent.effects("b-1")).containsExactly("start g1", "switch g2");
            fleet.rollouts().thaw(ThawRequest.getDefaultInstance());
            fleet.awaitRollout(back, RolloutPhase.ROLLOUT_PHASE_COMPLETE);
            for (String vm : List.of("b-1", "b-2")) {
                assertThat(agent.effects(vm)).containsExactly("start g1", "switch g2", "switch g3");
            }
        }
    }

    /** A copy as of now, as a dump is; nobody may be connected to the original. */
    private static String backUp(String url) throws SQLException {
        String original = url.replaceFirst("\\?.*", "").replaceFirst(".*/", "");
        String maintenance = url.replaceFirst("/" + original, "/template1");
        try (Connection connection = DriverManager.getConnection(maintenance);
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + BACKUP + " template \"" + original + "\"");
        }
        return url.replaceFirst("/" + original, "/" + BACKUP);
    }

    private static String apply(TestFleet fleet, String name, String release) {
        return fleet.rollouts()
                .apply(ApplyRequest.newBuilder()
                        .setYaml("""
                                apiVersion: neurath/v1
                                kind: Rollout
                                metadata: { name: %s }
                                release: { qemu: %s }
                                limits: { vmsInFlight: 2, perHost: 2 }
                                """.formatted(name, release))
                        .build())
                .getId();
    }

    private static List<Event> frozen(TestFleet fleet, TestFleet.TestNode node) {
        return EventFeedGrpc.newBlockingStub(fleet.channel(node))
                .list(ListEventsRequest.newBuilder()
                        .setFilter(Filter.newBuilder().addTypePrefixes("neurath.budget.frozen"))
                        .build())
                .getEventsList();
    }
}
