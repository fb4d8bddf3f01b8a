package dev.neurath.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.testbed.qemu.UnresolvedRequestException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command that breaks something has: two QEMUs, a form of output, and where to talk. */
final class CellOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--from",
            paramLabel = "V",
            defaultValue = "10.0.2",
            description = "QEMU to start with: a version, a prefix of one, or a suite (${DEFAULT-VALUE}).")
    private String from = "10.0.2";

    @Option(
            names = "--to",
            paramLabel = "V",
            defaultValue = "11.1.3",
            description = "QEMU to end with (${DEFAULT-VALUE}).")
    private String to = "11.1.3";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, or json: one document on stdout.")
    private ChaosMain.Format output = ChaosMain.Format.table;

    Releases releases() throws IOException, InterruptedException {
        try {
            return Releases.fetch(from, to, this::tell);
        } catch (IllegalArgumentException | UnresolvedRequestException unresolved) {
            throw usage(String.valueOf(unresolved.getMessage()));
        }
    }

    void print(Supplier<ObjectNode> document, Supplier<String> text) {
        PrintWriter out = commandLine().getOut();
        if (output == ChaosMain.Format.json) {
            out.println(document.get().toPrettyString());
        } else {
            out.print(text.get());
        }
        out.flush();
    }

    void tell(String line) {
        commandLine().getErr().println(line);
        commandLine().getErr().flush();
    }

    ParameterException usage(String sentence) {
        return new ParameterException(commandLine(), sentence);
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }
}
