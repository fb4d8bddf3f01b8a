package dev.neurath.agent;

import dev.neurath.identity.BadCredentials;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.Identity;
import dev.neurath.identity.Role;
import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
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
    /** The 107 of a socket's path without {@code /q/ask12345678901234567890/qmp}, by which each release is asked what it is able to do. */
    private static final int LONGEST_RUN_BYTES = 107 - 30;

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

    @Option(names = "--fleet", paramLabel = "ID", description = "Default: the certificate's, and default without one.")
    private @Nullable String fleet;

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            description =
                    "This host's certificate, from neurath ca issue --role agent; or --plaintext. It is read anew when it changes.")
    private @Nullable Path tls;

    @Option(names = "--state", paramLabel = "DIR", description = "On disk. Default: /var/lib/neurath/agent/ID.")
    private @Nullable Path state;

    @Option(
            names = "--run",
            paramLabel = "DIR",
            description =
                    "Sockets; a short path of at most 77 bytes, since a socket's has at most 107. Default: /run/neurath/ID.")
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
            description = "No TLS; only loopback addresses are dialled, and any release is executed that a node names.")
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
        if (plaintext == (tls != null)) {
            throw wrong(
                    plaintext
                            ? "--tls and --plaintext are given both; leave out one of them"
                            : "--tls DIR is missing, the directory of this host's certificate (neurath ca issue --role agent --name "
                                    + host + "); or say --plaintext, for nodes at loopback addresses only");
        }
        HostId id = hostId();
        List<String> nodes = Objects.requireNonNull(coordinators);
        nodes.forEach(this::requireAddress);
        if (plaintext) {
            nodes.forEach(this::requireLoopback);
        }
        if (guestTimeoutSeconds < 1) {
            throw wrong("--guest-timeout must be at least 1 second, and not " + guestTimeoutSeconds);
        }
        Path sockets = (run != null ? run : Path.of("/run/neurath").resolve(id.value())).toAbsolutePath();
        requireRoom(sockets);
        return new AgentOptions(
                id,
                fleetId(id),
                tls,
                nodes,
                state != null ? state : Path.of("/var/lib/neurath/agent").resolve(id.value()),
                sockets,
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

    private FleetId fleetId(HostId id) {
        try {
            return tls != null ? fleetOfCertificate(tls, id) : new FleetId(fleet == null ? "default" : fleet);
        } catch (IllegalArgumentException e) {
            throw wrong("--fleet: " + e.getMessage());
        }
    }

    /** The certificate must be for the very host and fleet that the other options name: a node would turn the agent away for it. */
    private FleetId fleetOfCertificate(Path directory, HostId id) {
        Credentials own;
        try {
            own = Credentials.read(directory);
        } catch (BadCredentials e) {
            throw wrong("--tls: " + e.getMessage());
        }
        if (own.releaseKeys().isEmpty()) {
            throw wrong("--tls " + directory
                    + " holds no release.pem, so that no release could be executed: copy it from the CA's directory");
        }
        Identity self = own.self();
        if (self.role() != Role.AGENT || !self.name().equals(id.value())) {
            throw wrong("--tls " + directory + " is for " + self
                    + ", and this agent needs: neurath ca issue --role agent --name " + id);
        }
        if (fleet != null && !fleet.equals(self.fleet().value())) {
            throw wrong("--fleet " + fleet + ": the certificate in " + directory + " is for fleet " + self.fleet()
                    + "; leave out --fleet, or use another certificate");
        }
        return self.fleet();
    }

    private void requireAddress(String address) {
        if (address.lastIndexOf(':') < 1
                || !address.substring(address.lastIndexOf(':') + 1).matches("[0-9]{1,5}")) {
            throw wrong("--coordinator '" + address + "' must be HOST:PORT, for example 127.0.0.1:7601");
        }
    }

    /** Where no release can be asked, every VM would be refused, one by one. A long VM id may be refused all the same. */
    private void requireRoom(Path sockets) {
        int bytes = sockets.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_RUN_BYTES) {
            throw wrong(
                    "--run %s has %d bytes, and more than %d leave no room for a socket's name: choose a shorter directory"
                            .formatted(sockets, bytes, LONGEST_RUN_BYTES));
        }
    }

    private void requireLoopback(String address) {
        try {
            if (!InetAddress.getByName(address.substring(0, address.lastIndexOf(':')))
                    .isLoopbackAddress()) {
                throw wrong(
                        "--coordinator '" + address
                                + "' is not a loopback address, and plaintext is for those; use --tls DIR, or name a node on this host");
            }
        } catch (UnknownHostException e) {
            throw wrong("--coordinator '" + address + "' names no host that is known here; name it by its address");
        }
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
    }
}
