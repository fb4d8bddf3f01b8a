package dev.neurath.bench.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.bench.BenchRun;
import org.junit.jupiter.api.Test;

/** The smallest run: a rollout to its end, and as many workflows. */
class RolloutBenchTest {
    @Test
    void every_vm_is_upgraded_once_and_every_workflow_ends() throws Exception {
        JsonNode report =
                BenchRun.json("rollout", "--vms", "4", "--hosts", "2", "--rounds", "1", "--warm-up", "0", "-o", "json");

        assertThat(report.path("measured"))
                .hasSize(2)
                .allSatisfy(row ->
                        assertThat(row.path("upgradesPerSecond").asDouble()).isPositive());
    }

    @Test
    void no_vms_are_a_usage_error() {
        assertThat(BenchRun.usageError("rollout", "--vms", "0")).contains("--vms");
    }
}
