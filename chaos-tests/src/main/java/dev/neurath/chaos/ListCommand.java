package dev.neurath.chaos;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.neurath.chaos.handover.CrashCell;
import dev.neurath.chaos.handover.CrashTable;
import dev.neurath.chaos.handover.Victim;
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

    @Override
    public Integer call() {
        List<CrashCell> cells = Arrays.stream(Victim.values())
                .flatMap(victim -> CrashCell.all(victim).stream())
                .toList();
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (output == ChaosMain.Format.json) {
            ArrayNode all = new JsonMapper().createArrayNode();
            cells.forEach(cell -> all.add(CrashTable.json(cell)));
            out.println(all.toPrettyString());
        } else {
            out.print(CrashTable.cells(cells));
        }
        out.flush();
        return ExitCode.OK;
    }
}
