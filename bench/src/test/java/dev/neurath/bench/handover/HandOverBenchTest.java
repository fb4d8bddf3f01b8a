package dev.neurath.bench.handover;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.bench.BenchRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The smallest run: figures are there and are possible; what they are is for a quiet machine. */
@Tag("qemu")
class HandOverBenchTest {
    @Test
    void all_three_are_measured_on_real_guests() throws Exception {
        JsonNode report = BenchRun.json(
                "hand-over",
                "--pairs",
                "1",
                "--live",
                "1",
                "--warm-up",
                "0",
                "--ram",
                "64M",
                "--linux",
                "0",
                "-o",
                "json");

        assertThat(report.path("measured")).hasSize(3).allSatisfy(row -> {
            assertThat(row.path("pauseMillisP50").asDouble()).isPositive();
            assertThat(row.path("gapMillisP50").asDouble())
                    .isPositive()
                    .isLessThan(row.path("totalMillisP50").asDouble() + 1000);
            assertThat(row.path("totalMillisP50").asDouble())
                    .isGreaterThan(row.path("pauseMillisP50").asDouble());
            assertThat(row.path("oldGoneMillisP50").asDouble())
                    .isGreaterThan(row.path("totalMillisP50").asDouble());
        });
        assertThat(report.path("theTimeGoesTo"))
                .hasSize(3)
                .allSatisfy(row ->
                        assertThat(row.path("startNewMillisP50").asDouble()).isPositive());
        assertThat(report.has("linuxGuest")).isFalse();
        // Only the copy has a second RAM, of which the guest has written most.
        assertThat(report.path("measured").path(1).path("extraMemoryMibP50").asDouble())
                .isBetween(1.0, 64.0);
        assertThat(report.path("measured").path(2).path("extraMemoryMibP50").asDouble())
                .isGreaterThan(64.0);
        assertThat(report.path("compared"))
                .anySatisfy(one -> assertThat(one.path("against").asText()).isEqualTo("live migration, 64M"));
    }

    @Test
    void a_linux_guest_is_pinged_while_it_is_handed_over_and_while_it_is_left_alone() throws Exception {
        JsonNode report = BenchRun.json(
                "hand-over",
                "--pairs",
                "1",
                "--live",
                "1",
                "--warm-up",
                "0",
                "--ram",
                "64M",
                "--linux",
                "1",
                "-o",
                "json");

        JsonNode guests = report.path("linuxGuest");
        assertThat(guests).hasSize(3);
        assertThat(guests.path(1).path("pauseMillisP50").asDouble()).isPositive();
        assertThat(guests)
                .allSatisfy(row ->
                        assertThat(row.path("linesGapMillisP50").asDouble()).isPositive());
        assertThat(report.path("linuxGuestByHandOver")).hasSize(1);
        assertThat(report.path("compared"))
                .anySatisfy(one -> assertThat(one.path("against").asText()).isEqualTo("Linux guest left alone"));
        if (!report.path("notes").toString().contains("no tap device can be made here")) {
            assertThat(guests).allSatisfy(row -> {
                assertThat(row.path("pingsSent").asDouble()).isPositive();
                assertThat(row.path("pingsLost").asDouble())
                        .isLessThan(row.path("pingsSent").asDouble());
                assertThat(row.path("silenceMillisP50").asDouble()).isPositive();
            });
        }
    }

    @Test
    void a_guests_working_set_is_a_quarter_of_its_memory_or_what_is_asked_for() {
        assertThat(HandOverRun.Guest.of(4L << 30, null).beating().append()).contains(" ws=1024 ");
        assertThat(HandOverRun.Guest.of(4L << 30, 64L << 20).beating().append()).contains(" ws=64 ");
    }

    @Test
    void a_size_that_is_none_is_a_usage_error() {
        assertThat(BenchRun.usageError("hand-over", "--ram", "lots"))
                .contains("--ram takes sizes such as 256M or 4G, not lots");
        assertThat(BenchRun.usageError("hand-over", "--ram", "4G,256M", "--working-set", "256M"))
                .contains("--working-set 256M", "--ram");
        assertThat(BenchRun.usageError("hand-over", "--ram", "16G")).contains("from 16M to 8G", "16G");
    }
}
