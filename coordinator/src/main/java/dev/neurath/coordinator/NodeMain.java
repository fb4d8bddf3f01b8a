package dev.neurath.coordinator;

import dev.neurath.coordinator.node.Node;
import dev.neurath.coordinator.node.NodeDatabase;
import dev.neurath.coordinator.node.NodeSettings;
import dev.neurath.coordinator.node.StartFailure;
import dev.neurath.coordinator.node.StateDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code neurath up}: one coordinator node, from its start to SIGTERM.
 *
 * <p>A node that the others declared gone while it could not answer (its machine slept, its process was stopped) starts anew in the same process,
 * on the same addresses: nothing it knew before may be used any more, and nobody has to come and restart it.
 */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = "Starts a coordinator node.")
public final class NodeMain implements Callable<Integer> {
    static {
        // Before the first logger: an operator's own file, given in the same way, comes first.
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "dev/neurath/coordinator/logback-node.xml");
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(NodeMain.class);
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(3);

    @Option(names = "--state", paramLabel = "DIR", description = "The node's directory: addresses, embedded database.")
    private @Nullable String state;

    @Option(
            names = "--database",
            paramLabel = "URL",
            description = "jdbc:postgresql://…; default: an embedded PostgreSQL in the state directory.")
    private @Nullable String database;

    @Option(names = "--api", paramLabel = "HOST:PORT", description = "gRPC for operators and agents; port 0 = free.")
    private @Nullable String api;

    @Option(
            names = "--http",
            paramLabel = "[HOST:]PORT",
            description = "/healthz, /readyz; with --plaintext /metrics too.")
    private @Nullable String http;

    @Option(
            names = "--metrics",
            paramLabel = "[HOST:]PORT",
            description = "With TLS only: /metrics by https, for certificates of role view.")
    private @Nullable String metrics;

    @Option(
            names = "--traces",
            paramLabel = "URL",
            description =
                    "A collector of OpenTelemetry traces (OTLP by https, or by http on this machine): one per attempt to upgrade a VM.")
    private @Nullable String traces;

    @Option(names = "--cluster", paramLabel = "HOST:PORT", description = "Between nodes.")
    private @Nullable String cluster;

    @Option(names = "--fleet", paramLabel = "ID", description = "The fleet that the database was founded with.")
    private @Nullable String fleet;

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            description = "This node's certificate, from neurath ca issue --role node; or --plaintext.")
    private @Nullable String tls;

    @Option(names = "--plaintext", description = "No TLS; loopback addresses only.")
    private boolean plaintext;

    @Option(names = "--config", paramLabel = "FILE", description = "HOCON, one block neurath { … }.")
    private @Nullable Path config;

    private final Map<String, String> environment;
    private final PrintStream out;

    NodeMain(Map<String, String> environment, PrintStream out) {
        this.environment = environment;
        this.out = out;
    }

    public static void main(String[] arguments) {
        int exitCode = StartFailure.FAILED;
        try {
            exitCode = run(arguments, System.getenv(), System.out, System.err);
        } catch (Throwable e) {
            // Whatever it is: without this thread the rest of the process would go on as if a node were there.
            LOG.error("The node ended with a failure that nobody foresaw", e);
        }
        System.exit(exitCode);
    }

    static int run(String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
        var line = new CommandLine(new NodeMain(environment, out));
        line.setExecutionExceptionHandler((failure, commandLine, parsed) -> {
            if (failure instanceof StartFailure known) {
                err.println("neurath up: " + known.getMessage());
                LOG.debug("Not started", known);
                return known.exitCode();
            }
            throw failure;
        });
        return line.execute(arguments);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        NodeSettings settings = NodeSettings.of(flags(), environment, configFile());
        var running = new RunningNode();
        Thread onTermination = Thread.ofPlatform().name("stop").unstarted(running::stopAndHalt);
        Runtime.getRuntime().addShutdownHook(onTermination);
        try (StateDirectory directory = StateDirectory.take(settings.state());
                NodeDatabase nodeDatabase = NodeDatabase.of(settings, directory.path())) {
            return run(settings, directory, nodeDatabase, running);
        } finally {
            running.cleanedUp();
        }
    }

    private int run(NodeSettings settings, StateDirectory directory, NodeDatabase nodeDatabase, RunningNode running)
            throws InterruptedException {
        NodeSettings now = settings;
        boolean wasUp = false;
        while (!running.isStopping()) {
            try {
                Node node = Node.start(now, directory, nodeDatabase);
                wasUp = true;
                running.is(node);
                out.println(node.readyLine());
                out.flush();
                Node.End end = node.awaitEnd();
                if (end == Node.End.STOPPED) {
                    return 0;
                }
                if (end == Node.End.NOT_CLEARED_AWAY) {
                    LOG.error("The other nodes took this one for gone and parts of it do not end;"
                            + " the process ends, for its supervisor to start it anew");
                    return StartFailure.FAILED;
                }
                LOG.warn("The other nodes took this one for gone; it starts anew on the same addresses");
                now = node.settingsWithActualAddresses();
            } catch (StartFailure e) {
                // The first start is somebody's, who reads why it fails. Later ones are nobody's: whatever keeps the
                // node
                // from coming back may pass.
                if (!wasUp) {
                    throw e;
                }
                LOG.warn("The node does not come back yet, it is tried again: {}", e.getMessage());
                running.awaitStopping(AGAIN_AFTER);
            }
        }
        return 0;
    }

    private @Nullable Path configFile() {
        if (config != null) {
            return config;
        }
        String named = environment.getOrDefault("NEURATH_CONFIG", "");
        return named.isEmpty() ? null : Path.of(named);
    }

    private Map<String, String> flags() {
        var flags = new LinkedHashMap<String, String>();
        put(flags, "neurath.state", state);
        put(flags, "neurath.database.url", database);
        put(flags, "neurath.api.address", api);
        put(flags, "neurath.http.address", http);
        put(flags, "neurath.cluster.address", cluster);
        put(flags, "neurath.fleet", fleet);
        put(flags, "neurath.metrics.address", metrics);
        put(flags, "neurath.traces.endpoint", traces);
        put(flags, "neurath.tls", tls);
        put(flags, "neurath.plaintext", plaintext ? "true" : null);
        return flags;
    }

    private static void put(Map<String, String> flags, String path, @Nullable String value) {
        if (value != null) {
            flags.put(path, value);
        }
    }
}
