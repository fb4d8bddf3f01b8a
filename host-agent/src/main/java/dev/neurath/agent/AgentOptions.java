package dev.neurath.agent;

import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How an agent is started. A flag beats its environment variable ({@code NEURATH_} and the flag in upper snake case), which beats the default.
 *
 * @param coordinators HOST:PORT of nodes, tried in turn
 * @param state on disk
 * @param run sockets; short, since a socket's path has at most 107 bytes
 * @param ram tmpfs or hugetlbfs
 * @param labels for selectors; {@code rack} and {@code zone} are failure domains
 * @param guestTimeout how long a guest may be silent after a hand-over before it is reported silent
 * @param lease how long an attempt may stand READY
 */
public record AgentOptions(
        HostId host,
        FleetId fleet,
        List<String> coordinators,
        Path state,
        Path run,
        Path ram,
        Map<String, String> labels,
        Duration guestTimeout,
        Duration lease) {
    public static final String USAGE = """
            neurath agent --host ID --coordinator HOST:PORT[,HOST:PORT...] --plaintext [options]

              --host ID             this host's id in the fleet
              --fleet ID            default: default
              --coordinator LIST    coordinator nodes, tried in turn
              --state DIR           default: /var/lib/neurath/agent/ID
              --run DIR             sockets; default: /run/neurath/ID
              --ram DIR             guests' memory, on tmpfs or hugetlbfs; default: /dev/shm
              --label KEY=VALUE     may be repeated; rack and zone are failure domains
              --guest-timeout SECS  silence after a hand-over that is reported; default: 30
              --help                this text
              --plaintext           required: without TLS only loopback addresses are dialled
            """;

    private static final Set<String> VALUED =
            Set.of("host", "fleet", "coordinator", "state", "run", "ram", "label", "guest-timeout");

    /** Bad usage; exit code 2. */
    public static final class Invalid extends Exception {
        private static final long serialVersionUID = 1L;

        Invalid(String sentence) {
            super(sentence);
        }
    }

    public static AgentOptions parse(List<String> arguments, Map<String, String> environment) throws Invalid {
        Map<String, List<String>> given = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            String name = argument.startsWith("--") ? argument.substring(2) : "";
            if (name.equals("plaintext")) {
                given.put(name, List.of("true"));
            } else if (VALUED.contains(name) && i + 1 < arguments.size()) {
                given.computeIfAbsent(name, n -> new ArrayList<>()).add(arguments.get(++i));
            } else {
                throw new Invalid(
                        VALUED.contains(name) ? argument + " needs a value" : "unknown option '" + argument + "'");
            }
        }
        for (String name : VALUED) {
            String fromEnvironment = environment.get(
                    "NEURATH_" + name.toUpperCase(java.util.Locale.ROOT).replace('-', '_'));
            if (fromEnvironment != null) {
                given.putIfAbsent(name, List.of(fromEnvironment));
            }
        }
        return of(given, environment);
    }

    private static AgentOptions of(Map<String, List<String>> given, Map<String, String> environment) throws Invalid {
        if (!given.containsKey("host") || !given.containsKey("coordinator")) {
            throw new Invalid("--host and --coordinator are needed");
        }
        boolean plaintext = given.containsKey("plaintext") || "true".equals(environment.get("NEURATH_PLAINTEXT"));
        if (!plaintext) {
            throw new Invalid("--plaintext is needed: this agent speaks no TLS yet, and only to loopback addresses");
        }
        try {
            HostId host = new HostId(last(given, "host", ""));
            List<String> coordinators = List.of(last(given, "coordinator", "").split(","));
            for (String coordinator : coordinators) {
                requireLoopback(coordinator);
            }
            return new AgentOptions(
                    host,
                    new FleetId(last(given, "fleet", "default")),
                    coordinators,
                    Path.of(last(given, "state", "/var/lib/neurath/agent/" + host)),
                    Path.of(last(given, "run", "/run/neurath/" + host)),
                    Path.of(last(given, "ram", "/dev/shm")),
                    labels(given.getOrDefault("label", List.of())),
                    Duration.ofSeconds(Long.parseLong(last(given, "guest-timeout", "30"))),
                    Duration.ofSeconds(60));
        } catch (NumberFormatException e) {
            throw new Invalid("--guest-timeout must be a whole number of seconds");
        } catch (IllegalArgumentException e) {
            throw new Invalid(String.valueOf(e.getMessage()));
        }
    }

    private static String last(Map<String, List<String>> given, String name, String otherwise) {
        List<String> values = given.getOrDefault(name, List.of());
        return values.isEmpty() ? otherwise : values.getLast();
    }

    private static void requireLoopback(String address) throws Invalid {
        int colon = address.lastIndexOf(':');
        if (colon < 1) {
            throw new Invalid("--coordinator '" + address + "' must be HOST:PORT");
        }
        try {
            if (!InetAddress.getByName(address.substring(0, colon)).isLoopbackAddress()) {
                throw new Invalid(
                        "--coordinator '" + address + "' is not a loopback address, and plaintext is for those");
            }
        } catch (UnknownHostException e) {
            throw new Invalid("--coordinator '" + address + "' names no host that is known here");
        }
    }

    private static Map<String, String> labels(List<String> pairs) throws Invalid {
        var labels = new TreeMap<String, String>();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new Invalid("--label '" + pair + "' must be KEY=VALUE");
            }
            labels.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return labels;
    }
}
