package dev.neurath.agent;

import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * How an agent is started. A flag beats its environment variable ({@code NEURATH_} and the flag in upper snake case), which beats the default.
 *
 * @param tls directory of the host's certificate; null = plaintext, to loopback addresses
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
        @Nullable Path tls,
        List<String> coordinators,
        Path state,
        Path run,
        Path ram,
        Map<String, String> labels,
        Duration guestTimeout,
        Duration lease) {
    /**
     * @param environment where {@code NEURATH_} and a flag in upper snake case stands for that flag
     * @throws ParameterException for what cannot be meant, naming the option
     */
    public static AgentOptions parse(List<String> arguments, Map<String, String> environment) {
        CommandLine line = AgentCommand.line(environment);
        line.parseArgs(arguments.toArray(String[]::new));
        AgentCommand command = line.getCommand();
        return command.options();
    }
}
