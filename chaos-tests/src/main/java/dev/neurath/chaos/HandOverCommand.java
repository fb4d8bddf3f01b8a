package dev.neurath.chaos;

import dev.neurath.chaos.handover.CrashCell;
import dev.neurath.chaos.handover.CrashGuest;
import dev.neurath.chaos.handover.CrashResult;
import dev.neurath.chaos.handover.CrashRun;
import dev.neurath.chaos.handover.CrashStep;
import dev.neurath.chaos.handover.CrashTable;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.chaos.handover.Victim;
import dev.neurath.model.vm.Method;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code neurath chaos hand-over}: one cell of the crash table, tried for real. */
@Command(
        name = "hand-over",
        description =
                "Holds the hand-over of a real guest just before a step, kills the victim with -9, lets go, and looks.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class HandOverCommand implements Callable<Integer> {
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
            names = "--victim",
            paramLabel = "VICTIM",
            required = true,
            description = "Which process is killed: ${COMPLETION-CANDIDATES}.")
    private Victim victim = Victim.AGENT;

    @Option(names = "--method", paramLabel = "METHOD", required = true, description = "cpr-transfer or shared-ram.")
    private String method = "";

    @Option(
            names = "--guest",
            paramLabel = "GUEST",
            defaultValue = "beating",
            description = "beating (small, a beat every 10 ms) or linux (a disk and a NIC) (${DEFAULT-VALUE}).")
    private CrashGuest guest = CrashGuest.BEATING;

    @Override
    public Integer call() throws IOException, InterruptedException {
        CrashCell cell = cell();
        Releases releases = options.releases();
        CrashResult result = run(cell, releases);
        options.print(
                () -> CrashTable.json(result)
                        .put("guest", guest.label())
                        .put("from", releases.from().getVersion())
                        .put("to", releases.to().getVersion()),
                () -> CrashTable.text(List.of(result)));
        return result.problems().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private CrashResult run(CrashCell cell, Releases releases) throws IOException, InterruptedException {
        try (CrashRun run = new CrashRun(List.of(cell), guest, releases.from(), releases.to(), releases.machine())) {
            return run.run().getFirst();
        }
    }

    private CrashCell cell() {
        try {
            CrashStep where = CrashStep.parse(step);
            Method how = CrashCell.method(method);
            if (!CrashStep.of(how).contains(where)) {
                throw options.usage("there is no step " + where + " in " + method + "; known: "
                        + CrashStep.of(how).stream().map(CrashStep::label).collect(Collectors.joining(", ")));
            }
            if (!where.has(victim)) {
                throw options.usage("at " + where + " there is no " + victim.label() + " to kill; there are: "
                        + Arrays.stream(Victim.values())
                                .filter(where::has)
                                .map(Victim::label)
                                .collect(Collectors.joining(", ")));
            }
            return new CrashCell(where, victim, how);
        } catch (IllegalArgumentException unknown) {
            throw options.usage(String.valueOf(unknown.getMessage()));
        }
    }
}
