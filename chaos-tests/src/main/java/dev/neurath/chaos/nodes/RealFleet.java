package dev.neurath.chaos.nodes;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.vm.AgentDirectories;
import dev.neurath.chaos.handover.JavaProcess;
import dev.neurath.cli.link.Api;
import dev.neurath.cli.link.ServerAddress;
import dev.neurath.persistence.embedded.EmbeddedDatabase;
import dev.neurath.proto.v1.Host;
import dev.neurath.proto.v1.ListHostsRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A database, three nodes and the agents of the plan, every one a process of its own; its end ends them and every QEMU that they left. */
final class RealFleet implements AutoCloseable {
    static final Duration TO_START = Duration.ofMinutes(3);

    private static final Duration TO_END = Duration.ofSeconds(20);
    /** It says so once in each of its lives. */
    private static final String UP = "Agent of host ";

    private final NodesPlan plan;
    private final Build other;
    private final Path place = Files.createTempDirectory("neurath-nodes");
    private final Path ram = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
    private final String fleet = place.getFileName().toString();
    private final EmbeddedDatabase database;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final List<JavaProcess> agents = new ArrayList<>();

    /** @param other which the nodes up to {@link NodesPlan#OTHERS} and the last agent are of */
    RealFleet(NodesPlan plan, Build other) throws IOException {
        this.plan = plan;
        this.other = other;
        this.database = EmbeddedDatabase.start(place.resolve("database"), 0);
    }

    String jdbcUrl() {
        return database.jdbcUrl();
    }

    /** For the guests' RAM files and what they print. */
    Path ram() {
        return ram;
    }

    NodeProcess node(int number) {
        return nodes.get(number - 1);
    }

    void startNodes() throws IOException, InterruptedException {
        for (int i = 1; i <= NodesPlan.NODES; i++) {
            Build build = i <= NodesPlan.OTHERS ? other : Build.THIS;
            nodes.add(NodeProcess.start(build, place.resolve("node-" + i), fleet, database.jdbcUrl()));
            if (i == 1) {
                // The founder is to be known.
                awaitReady(nodes.getFirst(), 1);
            }
        }
        for (NodeProcess node : nodes) {
            awaitReady(node, 1);
        }
    }

    static void awaitReady(NodeProcess node, long times) throws InterruptedException {
        Patience.await("a node that is ready", TO_START, () -> {
            if (!node.alive()) {
                throw new IllegalStateException("a node ended: " + node.log());
            }
            return node.readiness() >= times;
        });
    }

    List<ServerAddress> servers() throws IOException {
        var apis = new ArrayList<String>();
        for (NodeProcess node : nodes) {
            apis.add(node.api());
        }
        return ServerAddress.parseAll(String.join(",", apis));
    }

    void startAgents(Api api, List<ServerAddress> servers) throws IOException, InterruptedException {
        for (int i = 1; i <= plan.hosts(); i++) {
            agents.add(agent(i == plan.hosts() ? other : Build.THIS, i, servers));
        }
        Patience.await("agents that are connected", TO_START, () -> hosts(api) == plan.hosts());
    }

    /** The last agent, which ends in good order and comes back as one of this build, whatever its host is at. */
    void upgradeAgent(Api api, List<ServerAddress> servers) throws IOException, InterruptedException {
        int last = plan.hosts();
        agents.getLast().end(TO_END);
        agents.set(last - 1, agent(Build.THIS, last, servers));
        Patience.await(
                "an agent that is up again",
                TO_START,
                () -> linesOf(last).stream().filter(line -> line.contains(UP)).count() == 2);
        Patience.await("agents that are connected again", TO_START, () -> hosts(api) == plan.hosts());
    }

    private JavaProcess agent(Build build, int number, List<ServerAddress> servers) throws IOException {
        return build.agent(
                List.of(
                        "--host",
                        host(number),
                        "--fleet",
                        fleet,
                        "--coordinator",
                        servers.stream().map(ServerAddress::toString).collect(Collectors.joining(",")),
                        "--state",
                        state(number).toString(),
                        "--run",
                        ram.resolve("r" + number).toString(),
                        "--ram",
                        ram.toString(),
                        "--label",
                        "rack=r" + number,
                        "--plaintext"),
                agentLog(number));
    }

    private static long hosts(Api api) {
        return api.fleet(hosts -> hosts.listHosts(ListHostsRequest.getDefaultInstance())).getHostsList().stream()
                .map(Host::getState)
                .filter("CONNECTED"::equals)
                .count();
    }

    static String host(int number) {
        return "h" + number;
    }

    private Path agentLog(int host) {
        return place.resolve(host(host) + ".log");
    }

    private Path state(int host) {
        return place.resolve("agent-" + host);
    }

    /** What the agents wrote; for whoever looks into it, since nothing is left of it afterwards. */
    List<String> agentLogs() {
        var lines = new ArrayList<String>();
        for (int i = 1; i <= agents.size(); i++) {
            lines.addAll(linesOf(i));
        }
        return lines;
    }

    private List<String> linesOf(int agent) {
        try {
            return Files.readAllLines(agentLog(agent));
        } catch (IOException e) {
            return List.of("the log of agent " + host(agent) + " cannot be read: " + e);
        }
    }

    /** Ends everything that was started, whatever state it is in, and leaves no file. */
    @Override
    public void close() throws IOException {
        // Interrupted or not, it waits for the end of what it ends.
        boolean interrupted = Thread.interrupted();
        try {
            end();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void end() throws IOException {
        try {
            for (JavaProcess agent : agents) {
                agent.kill();
            }
            for (NodeProcess node : nodes) {
                node.kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (ProcessIdentity left : ProcessScan.withTag(ram + "/")) {
            Optional<PidFd> opened = PidFd.open(left);
            if (opened.isPresent()) {
                try (PidFd handle = opened.get()) {
                    handle.signal(Linux.SIGKILL);
                    handle.awaitExit(Duration.ofSeconds(10));
                }
            }
        }
        for (int i = 1; i <= agents.size(); i++) {
            ControlGroup.sweep(AgentDirectories.groupPrefix(state(i), host(i)));
        }
        database.close();
        delete(ram);
        delete(place);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
