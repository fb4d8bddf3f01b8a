package dev.neurath.chaos;

import dev.neurath.chaos.nodes.Blow;
import dev.neurath.chaos.nodes.Build;
import dev.neurath.chaos.nodes.NodesPlan;
import dev.neurath.chaos.nodes.NodesResult;
import dev.neurath.chaos.nodes.NodesRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code neurath chaos nodes}: one rollout over real guests that loses a node. */
@Command(
        name = "nodes",
        description = "Rolls out to real guests through three nodes, strikes one of them in the middle, and looks.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class NodesCommand implements Callable<Integer> {
    @Mixin
    private final CellOptions options = new CellOptions();

    @Option(
            names = "--blow",
            paramLabel = "BLOW",
            description = "${COMPLETION-CANDIDATES} (kill; upgrade with --other).")
    private @Nullable Blow blow;

    @Option(
            names = "--other",
            paramLabel = "DIR",
            description =
                    "Another checkout of Neurath: nodes 1 and 2 and the last agent are started from there, and with --blow upgrade are upgraded to this build.")
    private @Nullable Path other;

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

    @Override
    public Integer call() throws IOException, InterruptedException {
        NodesPlan plan = plan();
        try (NodesRun run = new NodesRun(plan, options.releases(), other(), options::tell)) {
            NodesResult result = run.run();
            options.print(result::json, result::text);
            return result.problems().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private Build other() throws InterruptedException {
        try {
            return other == null ? Build.THIS : Build.of(other);
        } catch (IOException e) {
            throw options.usage("--other: " + e.getMessage());
        }
    }

    private NodesPlan plan() {
        Blow usual = other == null ? Blow.kill : Blow.upgrade;
        try {
            return new NodesPlan(
                    blow == null ? usual : blow,
                    node,
                    Duration.ofMillis(afterMillis),
                    Duration.ofSeconds(holdSeconds),
                    vms,
                    hosts);
        } catch (IllegalArgumentException wrong) {
            throw options.usage(String.valueOf(wrong.getMessage()));
        }
    }
}
