package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.coordinator.testing.OtlpReceiver;
import dev.neurath.coordinator.testing.OtlpReceiver.Span;
import dev.neurath.coordinator.testing.ScriptedAgent;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutPhase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes with a collector beside them: what it is sent by HTTP while they come and go. */
@Timeout(120)
class TracesTest {
    private static final String[] VMS = {"t-1", "t-2", "t-3"};

    @Test
    void a_collector_gets_one_trace_for_each_vm_whichever_node_tells_it(@TempDir Path directory) throws Exception {
        try (OtlpReceiver collector = OtlpReceiver.start();
                TestFleet fleet = TestFleet.create(directory)) {
            Map<String, String> traced = Map.of("neurath.traces.endpoint", collector.endpoint());
            TestFleet.TestNode first = fleet.addNode(traced);
            TestFleet.TestNode second = fleet.addNode(traced);
            ScriptedAgent agent = fleet.addAgent("h1", Map.of());
            fleet.registerReleases();
            fleet.startVms("h1", VMS);
            agent.rollBack("t-3");

            Rollout rollout = fleet.rollouts(second)
                    .apply(ApplyRequest.newBuilder().setYaml(yaml()).build());
            fleet.await("a trace of each VM", () -> vms(collector.spans()).equals(Set.of(VMS)));
            List<Span> once = collector.spans();
            assertThat(collector.mistakes()).isEmpty();
            assertThat(names(once, "t-1")).containsExactly("upgrade", "prepare", "switch", "verify", "pause");
            assertThat(names(once, "t-3")).containsExactly("upgrade", "prepare", "switch", "pause");
            for (Span pause :
                    once.stream().filter(s -> s.name().equals("pause")).toList()) {
                assertThat(pause.endNanos() - pause.startNanos()).isEqualTo(6_000_000);
                assertThat(parent(once, pause)).isEqualTo("switch");
            }
            Span upgraded = root(once, "t-1");
            assertThat(upgraded.status()).isEqualTo(1);
            assertThat(upgraded.attributes())
                    .containsEntry("neurath.rollout", rollout.getId())
                    .containsEntry("neurath.from.version", "10.0.2")
                    .containsEntry("neurath.to.version", "11.1.3")
                    .containsEntry("neurath.outcome", "upgraded");
            assertThat(upgraded.resource())
                    .containsEntry("service.name", "neurath")
                    .containsEntry("service.namespace", "test");
            Span failed = root(once, "t-3");
            assertThat(failed.status()).isEqualTo(2);
            assertThat(failed.attributes()).containsEntry("neurath.reason", "NEW_REFUSED_STATE");
            assertThat(once).as("one node tells").doesNotHaveDuplicates();
            fleet.await("it is counted", () -> metrics(first).contains("\nneurath_traces_exported_total 3.0\n"));
            assertThat(metrics(second)).contains("\nneurath_traces_exported_total 0.0\n");

            // The older node is the one that exports.
            fleet.stop(first);
            fleet.await("told again by the other", () -> collector.spans().size() == 2 * once.size());
            assertThat(new LinkedHashSet<>(collector.spans()))
                    .as("as the same traces")
                    .containsExactlyElementsOf(once);
        }
    }

    @Test
    void a_collector_that_is_not_there_keeps_no_vm_waiting(@TempDir Path directory) throws Exception {
        String gone;
        try (OtlpReceiver collector = OtlpReceiver.start()) {
            gone = collector.endpoint();
        }
        try (TestFleet fleet = TestFleet.create(directory)) {
            TestFleet.TestNode node =
                    fleet.addNode(Map.of("neurath.traces.endpoint", gone, "neurath.traces.most", "2"));
            fleet.addAgent("h1", Map.of());
            fleet.registerReleases();
            fleet.startVms("h1", VMS);
            Rollout rollout = fleet.rollouts()
                    .apply(ApplyRequest.newBuilder().setYaml(yaml()).build());
            fleet.awaitRollout(rollout.getId(), RolloutPhase.ROLLOUT_PHASE_COMPLETE);
            fleet.await(
                    "what gave way is counted",
                    () -> metrics(node).contains("\nneurath_traces_dropped_total{cause=\"too_many\"} 1.0\n"));
        }
    }

    private static Set<String> vms(List<Span> spans) {
        return spans.stream()
                .filter(span -> span.parent().isEmpty())
                .map(span -> span.attributes().getOrDefault("neurath.vm", "?"))
                .collect(Collectors.toSet());
    }

    private static Span root(List<Span> spans, String vm) {
        List<Span> found = spans.stream()
                .filter(span -> vm.equals(span.attributes().get("neurath.vm")))
                .toList();
        assertThat(found).as("one trace of " + vm).hasSize(1);
        return found.getFirst();
    }

    private static List<String> names(List<Span> spans, String vm) {
        String trace = root(spans, vm).trace();
        return spans.stream()
                .filter(span -> span.trace().equals(trace))
                .map(Span::name)
                .toList();
    }

    private static String parent(List<Span> spans, Span child) {
        return spans.stream()
                .filter(span -> span.trace().equals(child.trace()) && span.id().equals(child.parent()))
                .map(Span::name)
                .collect(Collectors.joining());
    }

    private static String metrics(TestFleet.TestNode node) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://" + node.node().httpEndpoint() + "/metrics"))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String yaml() {
        return """
                apiVersion: neurath/v1
                kind: Rollout
                metadata: { name: traced }
                release: { qemu: %s }
                limits: { vmsInFlight: 10, perHost: 10, failures: 5 }
                """.formatted(TestFleet.NEW);
    }
}
