package dev.neurath.chaos.nodes;

import dev.neurath.agent.AgentMain;
import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.vm.AgentDirectories;
import dev.neurath.chaos.handover.JavaProcess;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.cli.CliFailure;
import dev.neurath.cli.link.Api;
import dev.neurath.cli.link.ServerAddress;
import dev.neurath.cli.output.Documents;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.embedded.EmbeddedDatabase;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.Host;
import dev.neurath.proto.v1.ListHostsRequest;
import dev.neurath.proto.v1.ListVmsRequest;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmPhase;
import dev.neurath.proto.v1.VmSpec;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.beat.BeatLog;
import dev.neurath.testbed.beat.BeatWatcher;
import dev.neurath.testbed.beat.ProcessLife;
import dev.neurath.testbed.beat.ProcessWatch;
import dev.neurath.testbed.guest.BeatGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Three nodes on one database, agents, real guests and a rollout over all of them, every program a process of its own; one node is struck in the middle.
 *
 * <p>What came of it is told by others than those who did it: the rows of the journal, one reader of the feed, the guests' beats, and /proc.
 */
public final class NodesRun implements AutoCloseable {
    private static final Duration TO_START = Duration.ofMinutes(3);
    private static final Duration TO_COMPLETE = Duration.ofMinutes(5);
    private static final Duration PER_CALL = Duration.ofSeconds(15);
    private static final Duration LOOK_EVERY = Duration.ofMillis(5);
    private static final long BEATS = 20;
    private static final long RAM = 32L << 20;
    private static final Set<RolloutPhase> UNDER_WAY =
            Set.of(RolloutPhase.ROLLOUT_PHASE_RUNNING, RolloutPhase.ROLLOUT_PHASE_BAKING);

    private final NodesPlan plan;
    private final Releases releases;
    private final Consumer<String> talk;
    private final Path place = Files.createTempDirectory("neurath-nodes");
    private final Path ram = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
    private final String fleet = place.getFileName().toString();
    private final BeatWatcher beatWatcher = BeatWatcher.start();
    private final ProcessWatch processes = ProcessWatch.start(LOOK_EVERY);
    private final EmbeddedDatabase database;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final List<JavaProcess> agents = new ArrayList<>();
    private final Map<String, BeatLog> beats = new LinkedHashMap<>();

    public NodesRun(NodesPlan plan, Releases releases, Consumer<String> talk) throws IOException {
        this.plan = plan;
        this.releases = releases;
        this.talk = talk;
        this.database = EmbeddedDatabase.start(place.resolve("database"), 0);
    }

    public NodesResult run() throws IOException, InterruptedException {
        startNodes();
        List<ServerAddress> servers = servers();
        try (Api api = new Api(servers, PER_CALL);
                FeedReader feed = new FeedReader(new Api(servers, PER_CALL))) {
            startAgents(api, servers);
            startGuests(api);
            talk.accept("rolling out " + releases.to().getId() + " to " + plan.vms() + " guests");
            long applied = System.nanoTime();
            String rollout = api.rollouts(rollouts -> rollouts.apply(
                            ApplyRequest.newBuilder().setYaml(yaml()).build()))
                    .getId();
            pause(plan.after());
            long struck = System.nanoTime();
            strike();
            await(
                    "the end of the rollout",
                    TO_COMPLETE,
                    () -> !UNDER_WAY.contains(look(api, rollout).getPhase()));
            Duration took = Duration.ofNanos(System.nanoTime() - applied);
            if (plan.blow() == Blow.stop) {
                pause(plan.hold().minusNanos(System.nanoTime() - struck));
                wake();
            }
            return result(api, feed, look(api, rollout), took);
        }
    }

    private void startNodes() throws IOException {
        talk.accept("starting three nodes");
        for (int i = 1; i <= NodesPlan.NODES; i++) {
            nodes.add(NodeProcess.start(place.resolve("node-" + i), fleet, database.jdbcUrl()));
            if (i == 1) {
                // The founder is to be known.
                awaitReady(nodes.getFirst(), 1);
            }
        }
        for (NodeProcess node : nodes) {
            awaitReady(node, 1);
        }
    }

    private static void awaitReady(NodeProcess node, long times) {
        await("a node that is ready", TO_START, () -> {
            if (!node.alive()) {
                throw new IllegalStateException("a node ended: " + node.log());
            }
            return node.readiness() >= times;
        });
    }

    private List<ServerAddress> servers() throws IOException {
        var apis = new ArrayList<String>();
        for (NodeProcess node : nodes) {
            apis.add(node.api());
        }
        return ServerAddress.parseAll(String.join(",", apis));
    }

    private void startAgents(Api api, List<ServerAddress> servers) throws IOException {
        String coordinators = servers.stream().map(ServerAddress::toString).collect(Collectors.joining(","));
        for (int i = 1; i <= plan.hosts(); i++) {
            agents.add(JavaProcess.start(
                    AgentMain.class.getName(),
                    List.of(
                            "--host",
                            host(i),
                            "--fleet",
                            fleet,
                            "--coordinator",
                            coordinators,
                            "--state",
                            state(i).toString(),
                            "--run",
                            ram.resolve("r" + i).toString(),
                            "--ram",
                            ram.toString(),
                            "--label",
                            "rack=r" + i,
                            "--plaintext"),
                    agentLog(i)));
        }
        await("agents that are connected", TO_START, () -> hosts(api) == plan.hosts());
    }

    private static long hosts(Api api) {
        return api.fleet(hosts -> hosts.listHosts(ListHostsRequest.getDefaultInstance())).getHostsList().stream()
                .map(Host::getState)
                .filter("CONNECTED"::equals)
                .count();
    }

    private static String host(int number) {
        return "h" + number;
    }

    private Path agentLog(int host) {
        return place.resolve(host(host) + ".log");
    }

    private Path state(int host) {
        return place.resolve("agent-" + host);
    }

    private void startGuests(Api api) throws IOException {
        talk.accept("starting " + plan.vms() + " guests");
        api.fleet(to -> to.registerRelease(
                RegisterReleaseRequest.newBuilder().setRelease(releases.from()).build()));
        api.fleet(to -> to.registerRelease(
                RegisterReleaseRequest.newBuilder().setRelease(releases.to()).build()));
        for (int i = 0; i < plan.vms(); i++) {
            String vm = "web-%02d".formatted(i + 1);
            Path lines = ram.resolve(vm + "-beats");
            processes.follow(marker(vm));
            beats.put(vm, beatWatcher.watch(lines));
            StartVmRequest request = StartVmRequest.newBuilder()
                    .setSpec(spec(vm, lines))
                    .setHost(host(i % plan.hosts() + 1))
                    .build();
            api.fleet(to -> to.startVm(request));
        }
        await(
                "guests that run",
                TO_START,
                () -> vms(api).stream()
                                .filter(vm -> vm.getPhase() == VmPhase.VM_PHASE_STEADY)
                                .count()
                        == plan.vms());
        beats.forEach((vm, log) -> {
            if (!beatsOn(log)) {
                throw new IllegalStateException(vm + " does not beat");
            }
        });
    }

    /** Stands in the command line of every QEMU of this VM: its RAM file. */
    private String marker(String vm) {
        return ram + "/" + vm + ".";
    }

    private VmSpec spec(String vm, Path lines) throws IOException {
        return VmSpec.newBuilder()
                .setId(vm)
                .setRelease(releases.from().getId())
                .setMachine(releases.machine())
                .setCpu("qemu64")
                .setAccel("tcg")
                .setVcpus(1)
                .setMemoryBytes(RAM)
                .setBoot(VmSpec.Boot.getDefaultInstance())
                .addAllExtraArguments(BeatGuest.gentle().arguments(UserCache.ofUser(), lines))
                // The outside watcher tells the virtual CPUs' threads by their names.
                .addAllExtraArguments(List.of("-name", vm + ",debug-threads=on"))
                .setPauseBudget(com.google.protobuf.Duration.newBuilder().setSeconds(2))
                .build();
    }

    private String yaml() {
        return """
                apiVersion: neurath/v1
                kind: Rollout
                metadata: { name: nodes }
                release: { qemu: "%s" }
                method: { prefer: [hand-over], otherwise: skip, wayBack: optional }
                waves:
                  - { name: canary, hosts: 1, vms: 1, bake: 1s }
                  - { name: rest, hosts: rest }
                limits: { vmsInFlight: 4, perHost: 2, pause: 2s }
                """.formatted(releases.to().getId());
    }

    private void strike() throws IOException, InterruptedException {
        NodeProcess node = nodes.get(plan.node() - 1);
        switch (plan.blow()) {
            case kill -> {
                node.kill();
                talk.accept("killed node " + plan.node());
            }
            case restart -> {
                node.kill();
                node.startAgain();
                talk.accept("killed node " + plan.node() + " and started it again");
            }
            case stop -> {
                node.stop();
                talk.accept("stopped node " + plan.node());
            }
            case none -> {}
        }
    }

    /** A node that slept must not go on where it was: the others have gone on without it. It comes back as a new one. */
    private void wake() throws IOException {
        NodeProcess node = nodes.get(plan.node() - 1);
        node.wake();
        talk.accept("woke node " + plan.node());
        awaitReady(node, 2);
    }

    private static Rollout look(Api api, String rollout) {
        return api.rollouts(rollouts ->
                rollouts.get(GetRolloutRequest.newBuilder().setId(rollout).build()));
    }

    private static List<Vm> vms(Api api) {
        return api.fleet(to -> to.listVms(ListVmsRequest.getDefaultInstance())).getVmsList();
    }

    private NodesResult result(Api api, FeedReader feed, Rollout rollout, Duration took) {
        var problems = new ArrayList<String>();
        String phase = Documents.word(rollout.getPhase());
        if (rollout.getPhase() != RolloutPhase.ROLLOUT_PHASE_COMPLETE) {
            problems.add("the rollout is " + phase + " " + rollout.getReason());
            rollout.getVmsList().stream()
                    .filter(line -> !line.getReason().isEmpty())
                    .forEach(line -> problems.add(line.getVm() + " " + Documents.word(line.getProgress()) + " "
                            + line.getReason() + ": " + line.getSentence()));
        }
        long rows;
        try (Database journal = Database.open(DatabaseSettings.of(database.jdbcUrl()))) {
            FeedLog log = new FeedLog(journal);
            rows = log.countRows();
            if (!holdsWithin(TO_START, () -> feed.count() >= log.countRows())) {
                problems.add("the reader of the feed was sent fewer events than the journal has rows");
            }
            rows = log.countRows();
        }
        problems.addAll(feed.problems());
        int switches = 0;
        int upgraded = 0;
        for (Vm vm : vms(api)) {
            long of = switches(feed, vm.getId());
            if (of != 1) {
                problems.add(vm.getId() + " was handed over " + of + " times");
            }
            switches += (int) of;
            if (vm.getPhase() == VmPhase.VM_PHASE_STEADY
                    && vm.getRevision().getRelease().equals(releases.to().getId())) {
                upgraded++;
            } else {
                problems.add(vm.getId() + " is " + Documents.word(vm.getPhase()) + " on "
                        + vm.getRevision().getRelease());
            }
            problems.addAll(outside(vm));
        }
        if (!problems.isEmpty()) {
            tellAll(feed);
        }
        return new NodesResult(plan, phase, upgraded, switches, feed.count(), rows, took, problems);
    }

    /** For whoever looks into it: nothing of this run is left afterwards. */
    private void tellAll(FeedReader feed) {
        feed.events().stream()
                .map(event -> "%s %s %s"
                        .formatted(
                                Instant.ofEpochSecond(
                                        event.getTime().getSeconds(),
                                        event.getTime().getNanos()),
                                event.getId(),
                                event.getSentence()))
                .forEach(talk);
        for (int i = 1; i <= agents.size(); i++) {
            try {
                Files.readAllLines(agentLog(i)).forEach(talk);
            } catch (IOException e) {
                talk.accept("the log of agent " + host(i) + " cannot be read: " + e);
            }
        }
    }

    private static long switches(FeedReader feed, String vm) {
        return feed.events().stream()
                .filter(event -> event.getSubject().equals("vm/" + vm))
                .filter(event -> event.getType().equals("neurath.vm.switch-authorized.v1"))
                .count();
    }

    /** What the guest says and what /proc shows. */
    private List<String> outside(Vm vm) {
        String id = vm.getId();
        var found = new ArrayList<String>();
        BeatLog log = beats.get(id);
        if (log == null) {
            return List.of(id + " is nobody that was started here");
        }
        if (!beatsOn(log)) {
            found.add(id + " does not beat any more");
        }
        log.troubles().forEach(trouble -> found.add(id + ": " + trouble));
        List<ProcessLife> lives = processes.lives().stream()
                .filter(life -> life.label().equals(marker(id)))
                .toList();
        List<Long> alive = lives.stream()
                .filter(life -> !life.isDead())
                .map(ProcessLife::pid)
                .toList();
        if (lives.size() != 2) {
            found.add(id + " had " + lives.size() + " processes, not an old one and a new one");
        }
        if (!alive.equals(List.of((long) vm.getProcess().getPid()))) {
            found.add(id + " is said to be process " + vm.getProcess().getPid() + ", alive are " + alive);
        }
        for (int i = 0; i < lives.size(); i++) {
            for (ProcessLife later : lives.subList(i + 1, lives.size())) {
                if (lives.get(i).ranTogetherWith(later)) {
                    found.add(id + " ran in processes " + lives.get(i).pid() + " and " + later.pid() + " at once");
                }
            }
        }
        return found;
    }

    private static boolean beatsOn(BeatLog log) {
        try {
            return log.awaitBeatsAfter(log.mark(), BEATS, Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void pause(Duration length) {
        long end = System.nanoTime() + length.toNanos();
        for (long left = length.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void await(String what, Duration limit, BooleanSupplier condition) {
        if (!holdsWithin(limit, condition)) {
            throw new IllegalStateException(what + ": not within " + limit.toSeconds() + " s");
        }
    }

    private static boolean holdsWithin(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                if (condition.getAsBoolean()) {
                    return true;
                }
            } catch (CliFailure nobodyAnswers) {
                // For a moment no node may serve; that it does not stay so is what is waited for.
                if (System.nanoTime() - end > 0) {
                    throw nobodyAnswers;
                }
            }
            if (System.nanoTime() - end > 0) {
                return false;
            }
            pause(Duration.ofMillis(200));
        }
    }

    /** Ends everything that was started, whatever state it is in, and leaves no file. */
    @Override
    public void close() throws IOException {
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
        beatWatcher.close();
        processes.close();
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
