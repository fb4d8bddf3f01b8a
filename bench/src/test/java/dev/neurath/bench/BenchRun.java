package dev.neurath.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** A benchmark as it is run from the command line, and what it printed. */
public final class BenchRun {
    private BenchRun() {}

    public static JsonNode json(String... arguments) throws IOException {
        CommandLine line = BenchMain.commandLine();
        var out = new StringWriter();
        var err = new StringWriter();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int code = line.execute(arguments);
        assertThat(code).as("%s", err).isZero();
        return new JsonMapper().readTree(out.toString());
    }

    /** What it says to arguments that are none. */
    public static String usageError(String... arguments) {
        CommandLine line = BenchMain.commandLine();
        var err = new StringWriter();
        line.setErr(new PrintWriter(err));
        assertThat(line.execute(arguments)).isEqualTo(CommandLine.ExitCode.USAGE);
        return err.toString();
    }
}
