package dev.neurath.bench.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.bench.BenchRun;
import org.junit.jupiter.api.Test;

/** The smallest run: every contestant writes; how fast is for a quiet machine. */
class JournalBenchTest {
    @Test
    void plugin_its_rival_and_bare_jdbc_write_the_same_events() throws Exception {
        JsonNode report = BenchRun.json(
                "journal", "--events", "300", "--in-flight", "16", "--rounds", "1", "--warm-up", "0", "-o", "json");

        assertThat(report.path("measured")).hasSize(7).allSatisfy(row -> {
            assertThat(row.path("eventsPerSecond").asDouble()).isPositive();
            assertThat(row.path("latencyMillisP99").asDouble())
                    .isGreaterThanOrEqualTo(row.path("latencyMillisP50").asDouble())
                    .isPositive();
        });
        assertThat(report.path("compared"))
                .extracting(one -> one.path("against").asText())
                .contains("pekko-persistence-jdbc", "bare JDBC, same groups", "bare JDBC, best batch");
    }

    @Test
    void no_events_are_a_usage_error() {
        assertThat(BenchRun.usageError("journal", "--events", "0")).contains("--events");
    }
}
