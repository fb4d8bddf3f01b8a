package dev.neurath.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.chaos.handover.CrashCell;
import dev.neurath.chaos.handover.CrashGuest;
import dev.neurath.chaos.handover.CrashResult;
import dev.neurath.chaos.handover.CrashRun;
import dev.neurath.chaos.handover.CrashStep;
import dev.neurath.chaos.handover.CrashTable;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.chaos.handover.Victim;
import dev.neurath.model.vm.Method;
import dev.neurath.testbed.qemu.UnresolvedRequestException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code neurath chaos hand-over}: one cell of the crash table, tried for real. */
@Command(
        name = "hand-over",
        description =
                "Holds the hand-over of a real guest just before a step, kills the victim with -9, lets go, and looks.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class HandOverCommand implements Callable<Integer> {
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
        CrashCell cell = cell();
        Releases releases = releases();
        CrashResult result;
        try (CrashRun run = new CrashRun(List.of(cell), guest, releases.from(), releases.to(), releases.machine())) {
            result = run.run().getFirst();
        }
        PrintWriter out = commandLine().getOut();
        if (output == ChaosMain.Format.json) {
            ObjectNode document = CrashTable.json(result);
            document.put("guest", guest.label());
            document.put("from", releases.from().getVersion());
            document.put("to", releases.to().getVersion());
            out.println(document.toPrettyString());
        } else {
            out.print(CrashTable.text(List.of(result)));
        }
        out.flush();
        return result.problems().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private CrashCell cell() {
        try {
            CrashStep where = CrashStep.parse(step);
            Method how = CrashCell.method(method);
            if (!CrashStep.of(how).contains(where)) {
                throw usage("there is no step " + where + " in " + method + "; known: "
                        + CrashStep.of(how).stream().map(CrashStep::label).collect(Collectors.joining(", ")));
            }
            if (!where.has(victim)) {
                throw usage("at " + where + " there is no " + victim.label() + " to kill; there are: "
                        + Arrays.stream(Victim.values())
                                .filter(where::has)
                                .map(Victim::label)
                                .collect(Collectors.joining(", ")));
            }
            return new CrashCell(where, victim, how);
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
