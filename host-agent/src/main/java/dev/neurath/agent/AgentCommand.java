package dev.neurath.agent;

import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The words of {@code neurath agent}. A flag beats its environment variable, which beats the default. */
@Command(
        name = "neurath agent",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = "Runs one host's agent until it is told to end; its end ends no guest.",
        footer = {
            "",
            "Every option may be given as an environment variable too: NEURATH_HOST, NEURATH_GUEST_TIMEOUT, NEURATH_PLAINTEXT=true."
        })
final class AgentCommand {
    private static final Duration LEASE = Duration.ofSeconds(60);

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--host", required = true, paramLabel = "ID", description = "This host's id in the fleet.")
    private @Nullable String host;

    @Option(
            names = "--coordinator",
            required = true,
            paramLabel = "HOST:PORT",
            split = ",",
            description = "Coordinator nodes, tried in turn; several with commas.")
    private @Nullable List<String> coordinators;

    @Option(names = "--fleet", paramLabel = "ID", description = "Default: default.")
    private String fleet = "default";

    @Option(names = "--state", paramLabel = "DIR", description = "On disk. Default: /var/lib/neurath/agent/ID.")
    private @Nullable Path state;

    @Option(
            names = "--run",
            paramLabel = "DIR",
            description = "Sockets; a short path, since a socket's has at most 107 bytes. Default: /run/neurath/ID.")
    private @Nullable Path run;

    @Option(
            names = "--ram",
            paramLabel = "DIR",
            description = "Guests' memory, on tmpfs or hugetlbfs. Default: /dev/shm.")
    private Path ram = Path.of("/dev/shm");

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description = "May be repeated; rack and zone are failure domains.")
    private Map<String, String> labels = new TreeMap<>();

    @Option(
            names = "--guest-timeout",
            paramLabel = "SECS",
            description = "How long a guest may be silent after a hand-over before that is reported. Default: 30.")
    private long guestTimeoutSeconds = 30;

    @Option(
            names = "--plaintext",
            description = "Required: there is no TLS yet, and only loopback addresses are dialled.")
    private boolean plaintext;

    /** @param environment where {@code NEURATH_} and a flag in upper snake case stands for that flag */
    static CommandLine line(Map<String, String> environment) {
        return new CommandLine(new AgentCommand())
                .setDefaultValueProvider(argument ->
                        argument instanceof OptionSpec option && !option.usageHelp() && !option.versionHelp()
                                ? environment.get(variable(option.longestName()))
                                : null);
    }

    private static String variable(String flag) {
        return "NEURATH_" + flag.substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** @throws ParameterException for what cannot be meant, with the option's name */
    AgentOptions options() {
        if (!plaintext) {
            throw wrong("--plaintext is missing: this agent speaks no TLS yet, and only to loopback addresses. Add it");
        }
        HostId id = hostId();
        List<String> nodes = Objects.requireNonNull(coordinators);
        nodes.forEach(this::requireLoopback);
        if (guestTimeoutSeconds < 1) {
            throw wrong("--guest-timeout must be at least 1 second, and not " + guestTimeoutSeconds);
        }
        return new AgentOptions(
                id,
                fleetId(),
                nodes,
                state != null ? state : Path.of("/var/lib/neurath/agent").resolve(id.value()),
                run != null ? run : Path.of("/run/neurath").resolve(id.value()),
                ram,
                Map.copyOf(labels),
                Duration.ofSeconds(guestTimeoutSeconds),
                LEASE);
    }

    private HostId hostId() {
        try {
            return new HostId(Objects.requireNonNull(host));
        } catch (IllegalArgumentException e) {
            throw wrong("--host: " + e.getMessage());
        }
    }

    private FleetId fleetId() {
        try {
            return new FleetId(fleet);
        } catch (IllegalArgumentException e) {
            throw wrong("--fleet: " + e.getMessage());
        }
    }

    private void requireLoopback(String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 1 || !address.substring(colon + 1).matches("[0-9]{1,5}")) {
            throw wrong("--coordinator '" + address + "' must be HOST:PORT, for example 127.0.0.1:7601");
        }
        try {
            if (!InetAddress.getByName(address.substring(0, colon)).isLoopbackAddress()) {
                throw wrong("--coordinator '" + address
                        + "' is not a loopback address, and plaintext is for those; name a node on this host");
            }
        } catch (UnknownHostException e) {
            throw wrong("--coordinator '" + address + "' names no host that is known here; name it by its address");
        }
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
    }
}
