package dev.neurath.bench.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.bench.BenchRun;
import org.junit.jupiter.api.Test;

/** The smallest run: every event arrives, once, at both readers. */
class FeedBenchTest {
    @Test
    void every_event_reaches_the_client_and_the_bare_reader() throws Exception {
        JsonNode report = BenchRun.json("feed", "--rates", "1200", "--seconds", "1", "--warm-up", "0", "-o", "json");

        assertThat(report.path("measured")).hasSize(2).allSatisfy(row -> {
            assertThat(row.path("eventsPerSecond").asDouble()).isBetween(1.0, 1250.0);
            assertThat(row.path("appendToClientMillisP50").asDouble()).isPositive();
        });
    }

    @Test
    void a_rate_of_nothing_is_a_usage_error() {
        assertThat(BenchRun.usageError("feed", "--rates", "0")).contains("--rates");
    }
}
