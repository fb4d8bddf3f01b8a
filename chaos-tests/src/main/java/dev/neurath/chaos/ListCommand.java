package dev.neurath.chaos;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.neurath.chaos.handover.CrashCell;
import dev.neurath.chaos.handover.CrashTable;
import dev.neurath.chaos.handover.Interference;
import dev.neurath.chaos.handover.InterferenceCell;
import dev.neurath.chaos.handover.InterferenceResult;
import dev.neurath.chaos.handover.InterferenceTable;
import dev.neurath.chaos.handover.Victim;
import dev.neurath.model.vm.Method;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code neurath chaos list}: every cell there is. */
@Command(
        name = "list",
        description =
                "Every cell: the step before which a hand-over can be held, the victim, the method, and who holds the guest then.",
        mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, or json: one document on stdout.")
    private ChaosMain.Format output = ChaosMain.Format.table;

    @Option(
            names = "--interferences",
            description = "The cells of 'neurath chaos interfere' instead, and what has to become of the guest.")
    private boolean interferences;

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (interferences) {
            listInterferences(out);
        } else {
            listCrashes(out);
        }
        out.flush();
        return ExitCode.OK;
    }

    private void listInterferences(PrintWriter out) {
        List<InterferenceCell> cells = Arrays.stream(Interference.values())
                .flatMap(by ->
                        Arrays.stream(Method.values()).flatMap(method -> InterferenceTable.cells(by, method).stream()))
                .toList();
        if (output == ChaosMain.Format.json) {
            ArrayNode all = new JsonMapper().createArrayNode();
            cells.forEach(cell -> all.add(InterferenceResult.json(cell)));
            out.println(all.toPrettyString());
        } else {
            out.print(InterferenceResult.cells(cells));
        }
    }

    private void listCrashes(PrintWriter out) {
        List<CrashCell> cells = Arrays.stream(Victim.values())
                .flatMap(victim -> CrashCell.all(victim).stream())
                .toList();
        if (output == ChaosMain.Format.json) {
            ArrayNode all = new JsonMapper().createArrayNode();
            cells.forEach(cell -> all.add(CrashTable.json(cell)));
            out.println(all.toPrettyString());
        } else {
            out.print(CrashTable.cells(cells));
        }
    }
}
