package dev.neurath.bench.handover;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.neurath.bench.BenchMain;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The smallest run: figures are there and are possible; what they are is for a quiet machine. */
@Tag("qemu")
class HandOverBenchTest {
    @Test
    void all_three_are_measured_on_real_guests() throws Exception {
        CommandLine line = BenchMain.commandLine();
        var out = new StringWriter();
        line.setOut(new PrintWriter(out));
        int code = line.execute(
                "hand-over", "--pairs", "1", "--live", "1", "--warm-up", "0", "--ram", "64M", "-o", "json");

        assertThat(code).isZero();
        JsonNode report = new JsonMapper().readTree(out.toString());
        assertThat(report.path("measured")).hasSize(3).allSatisfy(row -> {
            assertThat(row.path("pauseMillisP50").asDouble()).isPositive();
            assertThat(row.path("gapMillisP50").asDouble())
                    .isPositive()
                    .isLessThan(row.path("totalMillisP50").asDouble() + 1000);
            assertThat(row.path("totalMillisP50").asDouble())
                    .isGreaterThan(row.path("pauseMillisP50").asDouble());
        });
        // Only the copy has a second RAM, of which the guest has written most.
        assertThat(report.path("measured").path(1).path("extraMemoryMibP50").asDouble())
                .isBetween(1.0, 64.0);
        assertThat(report.path("measured").path(2).path("extraMemoryMibP50").asDouble())
                .isGreaterThan(64.0);
        assertThat(report.path("compared"))
                .anySatisfy(one -> assertThat(one.path("against").asText()).isEqualTo("live migration, 64M"));
    }

    @Test
    void a_size_that_is_none_is_a_usage_error() {
        CommandLine line = BenchMain.commandLine();
        var err = new StringWriter();
        line.setErr(new PrintWriter(err));

        assertThat(line.execute("hand-over", "--ram", "lots")).isEqualTo(2);
        assertThat(err.toString()).contains("--ram takes sizes such as 256M or 4G, not lots");
    }
}
