package dev.neurath.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.chaos.nodes.Blow;
import dev.neurath.chaos.nodes.NodesPlan;
import dev.neurath.chaos.nodes.NodesResult;
import dev.neurath.chaos.nodes.NodesRun;
import dev.neurath.testbed.qemu.UnresolvedRequestException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
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

/** {@code neurath chaos nodes}: one rollout over real guests that loses a node. */
@Command(
        name = "nodes",
        description = "Rolls out to real guests through three nodes, strikes one of them in the middle, and looks.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class NodesCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--blow",
            paramLabel = "BLOW",
            defaultValue = "kill",
            description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
    private Blow blow = Blow.kill;

    @Option(
            names = "--node",
            paramLabel = "N",
            defaultValue = "1",
            description = "Which node: 1, the founder, to 3 (${DEFAULT-VALUE}).")
    private int node = 1;

    @Option(
            names = "--after",
            paramLabel = "MILLIS",
            defaultValue = "2000",
            description = "How long after the rollout was applied (${DEFAULT-VALUE}).")
    private long afterMillis = 2000;

    @Option(
            names = "--hold",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long a stopped node stays stopped (${DEFAULT-VALUE}).")
    private long holdSeconds = 60;

    @Option(names = "--vms", paramLabel = "N", defaultValue = "16", description = "Guests (${DEFAULT-VALUE}).")
    private int vms = 16;

    @Option(names = "--hosts", paramLabel = "N", defaultValue = "2", description = "Agents (${DEFAULT-VALUE}).")
    private int hosts = 2;

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
        NodesResult result;
        try {
            var plan = new NodesPlan(
                    blow, node, Duration.ofMillis(afterMillis), Duration.ofSeconds(holdSeconds), vms, hosts);
            Releases releases = Releases.fetch(from, to, this::tell);
            try (NodesRun run = new NodesRun(plan, releases, this::tell)) {
                result = run.run();
            }
        } catch (IllegalArgumentException | UnresolvedRequestException wrong) {
            throw new ParameterException(commandLine(), String.valueOf(wrong.getMessage()));
        }
        PrintWriter out = commandLine().getOut();
        ObjectNode json = result.json();
        if (output == ChaosMain.Format.json) {
            out.println(json.toPrettyString());
        } else {
            json.properties()
                    .forEach(field -> out.printf(
                            "%-14s %s%n", field.getKey(), field.getValue().toString()));
        }
        out.flush();
        return result.problems().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void tell(String line) {
        commandLine().getErr().println(line);
        commandLine().getErr().flush();
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }
}
