package dev.neurath.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TestbedCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new TestbedCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void the_offline_list_is_a_table_by_default_and_json_when_asked() {
        assertThat(run("list", "--offline")).isZero();
        assertThat(out.toString()).startsWith("VERSION ");
        out.getBuffer().setLength(0);

        assertThat(run("list", "--offline", "-o", "json")).isZero();
        assertThat(out.toString().strip()).startsWith("[").endsWith("]");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void a_request_that_cannot_be_meant_is_a_usage_error() {
        assertThat(run("fetch", "../10")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("neither a version (10.0.2, 11.1) nor a suite (trixie): '../10'");
    }

    @Test
    void fetch_without_a_request_is_a_usage_error() {
        assertThat(run("fetch")).isEqualTo(CommandLine.ExitCode.USAGE);
    }
}
