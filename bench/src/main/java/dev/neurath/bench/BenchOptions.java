package dev.neurath.bench;

import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every benchmark has: a form of output, and where to talk. */
public final class BenchOptions {
    /** Written as they are typed. */
    enum Format {
        table,
        json
    }

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, or json: one document on stdout.")
    private Format output = Format.table;

    public void print(Report report) {
        PrintWriter out = commandLine().getOut();
        if (output == Format.json) {
            out.println(report.json().toPrettyString());
        } else {
            report.lines().forEach(out::println);
        }
        out.flush();
    }

    public void tell(String line) {
        commandLine().getErr().println(line);
        commandLine().getErr().flush();
    }

    public ParameterException usage(String sentence) {
        return new ParameterException(commandLine(), sentence);
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }
}
