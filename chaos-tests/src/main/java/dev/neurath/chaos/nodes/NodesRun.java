package dev.neurath.chaos.nodes;

import dev.neurath.chaos.handover.Releases;
import dev.neurath.cli.link.Api;
import dev.neurath.cli.link.ServerAddress;
import dev.neurath.cli.output.Documents;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import dev.neurath.persistence.feed.FeedLog;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.ListVmsRequest;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmPhase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Three nodes on one database, agents, real guests and a rollout over all of them, every program a process of its own; one node is struck in the middle, or
 * nodes and an agent are upgraded one after the other.
 *
 * <p>What came of it is told by others than those who did it: the rows of the journal, one reader of the feed, the guests' beats, and /proc.
 */
public final class NodesRun implements AutoCloseable {
    private static final Duration TO_COMPLETE = Duration.ofMinutes(5);
    private static final Duration PER_CALL = Duration.ofSeconds(15);
    private static final Set<RolloutPhase> UNDER_WAY =
            Set.of(RolloutPhase.ROLLOUT_PHASE_RUNNING, RolloutPhase.ROLLOUT_PHASE_BAKING);

    private final NodesPlan plan;
    private final Releases releases;
    private final Consumer<String> talk;
    private final RealFleet fleet;
    private final RealGuests guests;

    /** @param other which some of the nodes and one agent are of at first */
    public NodesRun(NodesPlan plan, Releases releases, Build other, Consumer<String> talk) throws IOException {
        this.plan = plan;
        this.releases = releases;
        this.talk = talk;
        this.fleet = new RealFleet(plan, other);
        this.guests = new RealGuests(releases, fleet.ram());
    }

    public NodesResult run() throws IOException, InterruptedException {
        talk.accept("starting three nodes");
        fleet.startNodes();
        List<ServerAddress> servers = fleet.servers();
        try (Api api = new Api(servers, PER_CALL);
                FeedReader feed = new FeedReader(new Api(servers, PER_CALL))) {
            fleet.startAgents(api, servers);
            startGuests(api);
            talk.accept("rolling out " + releases.to().getId() + " to " + plan.vms() + " guests");
            long applied = System.nanoTime();
            String rollout = api.rollouts(rollouts -> rollouts.apply(
                            ApplyRequest.newBuilder().setYaml(yaml()).build()))
                    .getId();
            Patience.pause(plan.after());
            long struck = System.nanoTime();
            if (plan.blow() == Blow.upgrade) {
                new RollingUpgrade(fleet, api, servers, rollout, talk).run();
            } else {
                strike();
            }
            Patience.await(
                    "the end of the rollout",
                    TO_COMPLETE,
                    () -> !UNDER_WAY.contains(look(api, rollout).getPhase()));
            Duration took = Duration.ofNanos(System.nanoTime() - applied);
            if (plan.blow() == Blow.stop) {
                Patience.pause(plan.hold().minusNanos(System.nanoTime() - struck));
                wake();
            }
            return result(api, feed, look(api, rollout), took);
        }
    }

    private void startGuests(Api api) throws IOException, InterruptedException {
        talk.accept("starting " + plan.vms() + " guests");
        api.fleet(to -> to.registerRelease(
                RegisterReleaseRequest.newBuilder().setRelease(releases.from()).build()));
        api.fleet(to -> to.registerRelease(
                RegisterReleaseRequest.newBuilder().setRelease(releases.to()).build()));
        for (int i = 0; i < plan.vms(); i++) {
            String vm = "web-%02d".formatted(i + 1);
            StartVmRequest request = guests.start(vm, RealFleet.host(i % plan.hosts() + 1));
            api.fleet(to -> to.startVm(request));
        }
        Patience.await(
                "guests that run",
                RealFleet.TO_START,
                () -> vms(api).stream()
                                .filter(vm -> vm.getPhase() == VmPhase.VM_PHASE_STEADY)
                                .count()
                        == plan.vms());
        guests.requireBeats();
    }

    private String yaml() {
        return """
                apiVersion: neurath/v1
                kind: Rollout
                metadata: { name: nodes }
                release: { qemu: "%s" }
                method: { prefer: [hand-over], otherwise: skip, wayBack: optional }
                waves: [ %s ]
                limits: { vmsInFlight: 4, perHost: 2, pause: 2s }
                """.formatted(releases.to().getId(), String.join(", ", waves()));
    }

    private List<String> waves() {
        return plan.blow() == Blow.upgrade
                ? RollingUpgrade.waves(plan.vms())
                : List.of("{ name: canary, hosts: 1, vms: 1, bake: 1s }", "{ name: rest, hosts: rest }");
    }

    private void strike() throws IOException, InterruptedException {
        NodeProcess node = fleet.node(plan.node());
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
            case upgrade, none -> {}
        }
    }

    /** A node that slept must not go on where it was: the others have gone on without it. It comes back as a new one. */
    private void wake() throws IOException, InterruptedException {
        NodeProcess node = fleet.node(plan.node());
        node.wake();
        talk.accept("woke node " + plan.node());
        RealFleet.awaitReady(node, 2);
    }

    private static Rollout look(Api api, String rollout) {
        return api.rollouts(rollouts ->
                rollouts.get(GetRolloutRequest.newBuilder().setId(rollout).build()));
    }

    private static List<Vm> vms(Api api) {
        return api.fleet(to -> to.listVms(ListVmsRequest.getDefaultInstance())).getVmsList();
    }

    private NodesResult result(Api api, FeedReader feed, Rollout rollout, Duration took) throws InterruptedException {
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
        try (Database journal = Database.open(DatabaseSettings.of(fleet.jdbcUrl()))) {
            FeedLog log = new FeedLog(journal);
            rows = log.countRows();
            if (!Patience.holdsWithin(RealFleet.TO_START, () -> feed.count() >= log.countRows())) {
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
            problems.addAll(guests.troubles(vm, attempts(feed, vm.getId())));
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
        fleet.agentLogs().forEach(talk);
    }

    /** Of an attempt before the last one the switch may have been allowed too: an agent that was restarted did not begin it, or undid it. */
    private static long switches(FeedReader feed, String vm) {
        long allowed = count(feed, vm, "switch-authorized");
        return Math.max(count(feed, vm, "handed-over"), allowed - (attempts(feed, vm) - 1));
    }

    private static long attempts(FeedReader feed, String vm) {
        return count(feed, vm, "upgrade-begun");
    }

    private static long count(FeedReader feed, String vm, String kind) {
        return feed.events().stream()
                .filter(event -> event.getSubject().equals("vm/" + vm))
                .filter(event -> event.getType().equals("neurath.vm." + kind + ".v1"))
                .count();
    }

    @Override
    public void close() throws IOException {
        try {
            guests.close();
        } finally {
            fleet.close();
        }
    }
}
