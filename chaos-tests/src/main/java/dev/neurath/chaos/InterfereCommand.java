package dev.neurath.chaos;

import dev.neurath.chaos.handover.CrashCell;
import dev.neurath.chaos.handover.CrashStep;
import dev.neurath.chaos.handover.Interference;
import dev.neurath.chaos.handover.InterferenceCell;
import dev.neurath.chaos.handover.InterferenceResult;
import dev.neurath.chaos.handover.InterferenceRun;
import dev.neurath.chaos.handover.Releases;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code neurath chaos interfere}: one cell of the table of interferences, tried for real. */
@Command(
        name = "interfere",
        description =
                "Holds the hand-over of a real guest just before a step, lets something come in between, lets go, and looks.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class InterfereCommand implements Callable<Integer> {
    @Mixin
    private final CellOptions options = new CellOptions();

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

    @Override
    public Integer call() throws IOException, InterruptedException {
        InterferenceCell cell = cell();
        Releases releases = options.releases();
        InterferenceResult result = run(cell, releases);
        options.print(
                () -> result.json()
                        .put("from", releases.from().getVersion())
                        .put("to", releases.to().getVersion()),
                () -> InterferenceResult.text(List.of(result)));
        return result.problems().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static InterferenceResult run(InterferenceCell cell, Releases releases)
            throws IOException, InterruptedException {
        try (InterferenceRun run = new InterferenceRun(List.of(cell), releases)) {
            return run.run().getFirst();
        }
    }

    private InterferenceCell cell() {
        try {
            var cell = new InterferenceCell(CrashStep.parse(step), Interference.parse(by), CrashCell.method(method));
            cell.row();
            return cell;
        } catch (IllegalArgumentException unknown) {
            throw options.usage(String.valueOf(unknown.getMessage()));
        }
    }
}
