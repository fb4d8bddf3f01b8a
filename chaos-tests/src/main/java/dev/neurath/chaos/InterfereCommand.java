package dev.neurath.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.chaos.handover.CrashCell;
import dev.neurath.chaos.handover.CrashStep;
import dev.neurath.chaos.handover.Interference;
import dev.neurath.chaos.handover.InterferenceCell;
import dev.neurath.chaos.handover.InterferenceResult;
import dev.neurath.chaos.handover.InterferenceRun;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.testbed.qemu.UnresolvedRequestException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code neurath chaos interfere}: one cell of the table of interferences, tried for real. */
@Command(
        name = "interfere",
        description =
                "Holds the hand-over of a real guest just before a step, lets something come in between, lets go, and looks.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class InterfereCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--step",
            paramLabel = "STEP",
            required = true,
            description =
                    "Where to hold it: mid-stream, or just before a step of the protocol; see 'neurath chaos list'.")
    private String step = "";

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            required = true,
            description = "What comes in between; see 'neurath chaos list --interferences'.")
    private String by = "";

    @Option(names = "--method", paramLabel = "METHOD", required = true, description = "cpr-transfer or shared-ram.")
    private String method = "";

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

    @Override
    public Integer call() throws IOException, InterruptedException {
        InterferenceCell cell = cell();
        Releases releases = releases();
        InterferenceResult result;
        try (InterferenceRun run = new InterferenceRun(List.of(cell), releases)) {
            result = run.run().getFirst();
        }
        PrintWriter out = commandLine().getOut();
        if (output == ChaosMain.Format.json) {
            ObjectNode document = result.json();
            document.put("from", releases.from().getVersion());
            document.put("to", releases.to().getVersion());
            out.println(document.toPrettyString());
        } else {
            out.print(InterferenceResult.text(List.of(result)));
        }
        out.flush();
        return result.problems().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private InterferenceCell cell() {
        try {
            var cell = new InterferenceCell(CrashStep.parse(step), Interference.parse(by), CrashCell.method(method));
            cell.row();
            return cell;
        } catch (IllegalArgumentException unknown) {
            throw usage(String.valueOf(unknown.getMessage()));
        }
    }

    private Releases releases() throws IOException, InterruptedException {
        try {
            return Releases.fetch(from, to, line -> {
                commandLine().getErr().println(line);
                commandLine().getErr().flush();
            });
        } catch (IllegalArgumentException | UnresolvedRequestException unresolved) {
            throw usage(String.valueOf(unresolved.getMessage()));
        }
    }

    private ParameterException usage(String sentence) {
        return new ParameterException(commandLine(), sentence);
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }
}
