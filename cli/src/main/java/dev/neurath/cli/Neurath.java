package dev.neurath.cli;

import dev.neurath.cli.command.ApplyCommand;
import dev.neurath.cli.command.CaCommands;
import dev.neurath.cli.command.CompletionCommand;
import dev.neurath.cli.command.DoctorCommand;
import dev.neurath.cli.command.EventsCommand;
import dev.neurath.cli.command.ExplainCommand;
import dev.neurath.cli.command.FreezeCommand;
import dev.neurath.cli.command.HostCommands;
import dev.neurath.cli.command.PlanCommand;
import dev.neurath.cli.command.ReleaseCommands;
import dev.neurath.cli.command.RolloutCommands;
import dev.neurath.cli.command.ThawCommand;
import dev.neurath.cli.command.VersionCommand;
import dev.neurath.cli.command.VmCommands;
import dev.neurath.cli.link.Api;
import dev.neurath.cli.link.ServerAddress;
import dev.neurath.cli.output.Console;
import dev.neurath.cli.output.OutputFormat;
import dev.neurath.cli.output.Printer;
import dev.neurath.identity.BadCredentials;
import dev.neurath.identity.Credentials;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of the commands that talk to a coordinator: the options that all of them share, and the connection, made when first used. */
@Command(
        name = "neurath",
        description = "Replaces QEMU under running virtual machines, fleet-wide.",
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        subcommands = {
            PlanCommand.class,
            ApplyCommand.class,
            RolloutCommands.class,
            HostCommands.class,
            VmCommands.class,
            ReleaseCommands.class,
            ExplainCommand.class,
            EventsCommand.class,
            DoctorCommand.class,
            FreezeCommand.class,
            ThawCommand.class,
            CaCommands.class,
            CompletionCommand.class,
            VersionCommand.class
        },
        footerHeading = "%nPrograms, with options of their own (--help):%n",
        footer = {
            "  demo       A small fleet on this machine, with real QEMU, upgraded before your eyes.",
            "  up         Start a coordinator node.",
            "  agent      Start the agent of a host.",
            "  database   One PostgreSQL for several nodes on a machine.",
            "  testbed    Real QEMU versions side by side, and guests for tests.",
            "  chaos      One process killed in the middle of a hand-over, and what becomes of the guest.",
            "  bench      Measured against bare QMP, bare JDBC, live migration and other engines, on this machine.",
            "  test       Build and test everything.",
            "",
            "Exit codes: 0 ok, 1 error, 2 usage, 3 rollout failed or aborted, 4 not allowed,",
            "  5 gave up waiting, 6 stale plan, 7 refused, 130 Ctrl-C (a rollout goes on)."
        })
public final class Neurath implements AutoCloseable {
    @Option(
            names = "--server",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:NEURATH_SERVER:-" + ServerAddress.DEFAULT + "}",
            scope = ScopeType.INHERIT,
            description = "Coordinator nodes, separated by commas (NEURATH_SERVER; ${DEFAULT-VALUE}).")
    private String server = ServerAddress.DEFAULT;

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            defaultValue = "${env:NEURATH_TLS}",
            scope = ScopeType.INHERIT,
            description = "Certificate and key, from neurath ca issue (NEURATH_TLS); without: plaintext, to loopback.")
    private @Nullable Path tls;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            scope = ScopeType.INHERIT,
            description = "table, wide, json or yaml.")
    private OutputFormat format = OutputFormat.table;

    @Option(
            names = "--request-timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            scope = ScopeType.INHERIT,
            description =
                    "How long one node may take to answer (${DEFAULT-VALUE}): longer than its own limit for a command, 20.")
    private int requestTimeoutSeconds = 30;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli reads the annotation
    private boolean help;

    private final Console console;
    private @Nullable Api api;

    public Neurath(Console console) {
        this.console = console;
    }

    public Console console() {
        return console;
    }

    public OutputFormat format() {
        return format;
    }

    public Printer printer() {
        return new Printer(console, format);
    }

    public Api api() {
        if (api == null) {
            api = new Api(ServerAddress.parseAll(server), Duration.ofSeconds(requestTimeoutSeconds), credentials());
        }
        return api;
    }

    private @Nullable Credentials credentials() {
        if (tls == null || tls.toString().isEmpty()) {
            return null;
        }
        try {
            return Credentials.read(tls);
        } catch (BadCredentials e) {
            throw CliFailure.of(ExitCode.USAGE, "--tls: " + e.getMessage(), "");
        }
    }

    @Override
    public void close() {
        if (api != null) {
            api.close();
        }
    }
}
