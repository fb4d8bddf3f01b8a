package dev.neurath.coordinator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.coordinator.node.Node;
import dev.neurath.coordinator.node.NodeDatabase;
import dev.neurath.coordinator.node.NodeSettings;
import dev.neurath.coordinator.node.StateDirectory;
import dev.neurath.persistence.embedded.EmbeddedDatabase;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.FleetGrpc;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.GetVmRequest;
import dev.neurath.proto.v1.ListEventsRequest;
import dev.neurath.proto.v1.ListHostsRequest;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.RolloutsGrpc;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmPhase;
import dev.neurath.proto.v1.VmSpec;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** A fleet on one machine: real nodes on a real database, agents that keep their side of the link, guests that exist on paper. */
public final class TestFleet implements AutoCloseable {
    public static final String OLD = "qemu-10.0.2";
    public static final String NEW = "qemu-11.1.3";
    private static final Duration LONGEST = Duration.ofSeconds(40);
    private static final Map<String, String> VERSIONS = Map.of(OLD, "10.0.2", NEW, "11.1.3");

    private final Path directory;
    private final EmbeddedDatabase database;
    private final List<TestNode> nodes = new CopyOnWriteArrayList<>();
    /** Of nodes in other processes; empty = {@link #nodes}. */
    private volatile List<String> elsewhere = List.of();

    private final List<ScriptedAgent> agents = new ArrayList<>();
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private int started;

    /** One of its nodes. */
    public record TestNode(Node node, StateDirectory directory) {
        public String api() {
            return node.apiEndpoint().toString();
        }
    }

    private TestFleet(Path directory, EmbeddedDatabase database) {
        this.directory = directory;
        this.database = database;
    }

    /** @param directory must not be the one of another fleet */
    public static TestFleet create(Path directory) {
        return new TestFleet(directory, EmbeddedDatabase.start(directory.resolve("database"), 0));
    }

    public EmbeddedDatabase database() {
        return database;
    }

    public TestNode addNode() throws InterruptedException {
        return addNode(Map.of());
    }

    /** @param extra settings by path */
    public TestNode addNode(Map<String, String> extra) throws InterruptedException {
        Path state = directory.resolve("node-" + ++started);
        var flags = new HashMap<>(Map.of(
                "neurath.state", state.toString(),
                "neurath.database.url", database.jdbcUrl(),
                "neurath.api.address", "127.0.0.1:0",
                "neurath.fleet", "test",
                "neurath.plaintext", "true"));
        flags.putAll(extra);
        NodeSettings settings = NodeSettings.of(flags, Map.of(), null);
        StateDirectory taken = StateDirectory.take(state);
        var node = new TestNode(Node.start(settings, taken, NodeDatabase.of(settings, state)), taken);
        nodes.add(node);
        return node;
    }

    /** Leaves in good order. */
    public void stop(TestNode node) throws InterruptedException, IOException {
        nodes.remove(node);
        node.node().stop();
        node.directory().close();
    }

    /** From now on agents and clients use these addresses, of nodes in other processes; the first one is asked. */
    public void reach(List<String> apis) {
        elsewhere = List.copyOf(apis);
    }

    private List<String> apis() {
        List<String> others = elsewhere;
        return others.isEmpty() ? nodes.stream().map(TestNode::api).toList() : others;
    }

    /** Whether the condition holds; a node that cannot answer now is no answer. */
    public boolean answers(BooleanSupplier condition) {
        try {
            return condition.getAsBoolean();
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    public ScriptedAgent addAgent(String host, Map<String, String> labels) {
        var agent = new ScriptedAgent("test", host, labels, this::apis, release -> VERSIONS.getOrDefault(release, "?"));
        agents.add(agent);
        awaitConnected(host);
        return agent;
    }

    public void awaitConnected(String host) {
        await(
                "host " + host + " is connected",
                () -> fleet().listHosts(ListHostsRequest.getDefaultInstance()).getHostsList().stream()
                        .anyMatch(h -> h.getId().equals(host) && h.getState().equals("CONNECTED")));
    }

    public FleetGrpc.FleetBlockingStub fleet() {
        return FleetGrpc.newBlockingStub(channel(apis().getFirst()))
                .withDeadlineAfter(LONGEST.toSeconds(), TimeUnit.SECONDS);
    }

    public RolloutsGrpc.RolloutsBlockingStub rollouts() {
        return RolloutsGrpc.newBlockingStub(channel(apis().getFirst()))
                .withDeadlineAfter(LONGEST.toSeconds(), TimeUnit.SECONDS);
    }

    public RolloutsGrpc.RolloutsBlockingStub rollouts(TestNode node) {
        return RolloutsGrpc.newBlockingStub(channel(node)).withDeadlineAfter(LONGEST.toSeconds(), TimeUnit.SECONDS);
    }

    public FleetGrpc.FleetBlockingStub fleet(TestNode node) {
        return FleetGrpc.newBlockingStub(channel(node)).withDeadlineAfter(LONGEST.toSeconds(), TimeUnit.SECONDS);
    }

    public EventFeedGrpc.EventFeedBlockingStub feed(TestNode node) {
        return EventFeedGrpc.newBlockingStub(channel(node));
    }

    public ManagedChannel channel(TestNode node) {
        return channel(node.api());
    }

    public synchronized ManagedChannel channel(String api) {
        return channels.computeIfAbsent(
                api,
                target -> ManagedChannelBuilder.forTarget(target).usePlaintext().build());
    }

    public void registerReleases() {
        VERSIONS.forEach((id, version) -> {
            var answer = fleet().registerRelease(RegisterReleaseRequest.newBuilder()
                    .setRelease(release(id, version))
                    .build());
            assertThat(answer.getCreated()).isTrue();
        });
    }

    public static Release release(String id, String version) {
        return Release.newBuilder()
                .setId(id)
                .setVersion(version)
                .addArgvPrefix("/opt/" + id + "/qemu")
                .addFiles(Release.File.newBuilder()
                        .setPath("/opt/" + id + "/qemu")
                        .setSha256("0".repeat(64)))
                .build();
    }

    public static VmSpec spec(String vm) {
        return VmSpec.newBuilder()
                .setId(vm)
                .setRelease(OLD)
                .setMachine("pc-q35-7.2")
                .setCpu("qemu64")
                .setAccel("tcg")
                .setVcpus(1)
                .setMemoryBytes(64L << 20)
                .setBoot(VmSpec.Boot.newBuilder().setKernel("/boot/beat.elf"))
                .setPauseBudget(com.google.protobuf.Duration.newBuilder().setSeconds(1))
                .putLabels("tier", "web")
                .build();
    }

    /** Starts VMs on a host and waits until they run. */
    public void startVms(String host, String... vms) {
        for (String vm : vms) {
            Vm answer = fleet().startVm(StartVmRequest.newBuilder()
                    .setSpec(spec(vm))
                    .setHost(host)
                    .build());
            assertThat(answer.getHost()).isEqualTo(host);
        }
        for (String vm : vms) {
            awaitPhase(vm, VmPhase.VM_PHASE_STEADY);
        }
    }

    public Vm vm(String id) {
        return fleet().getVm(GetVmRequest.newBuilder().setId(id).build());
    }

    public void awaitPhase(String vm, VmPhase phase) {
        await("VM " + vm + " is " + phase, () -> vm(vm).getPhase() == phase);
    }

    public Rollout rollout(String id) {
        return rollouts().get(GetRolloutRequest.newBuilder().setId(id).build());
    }

    public Rollout awaitRollout(String id, RolloutPhase phase) {
        await("rollout " + id + " is " + phase, () -> rollout(id).getPhase() == phase);
        return rollout(id);
    }

    public void await(String what, BooleanSupplier condition) {
        try {
            await(what, LONGEST, condition);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; what happened:\n" + story(), e);
        }
    }

    /** Every event so far, one sentence per line. */
    private String story() {
        return EventFeedGrpc.newBlockingStub(channel(apis().getFirst()))
                .list(ListEventsRequest.newBuilder().setLimit(1000).build())
                .getEventsList()
                .stream()
                .map(event -> event.getId() + " " + event.getType() + " " + event.getSentence())
                .collect(Collectors.joining("\n"));
    }

    /** Asks again until it holds; the pause between two looks is a wait for nothing else. */
    public static void await(String what, Duration longest, BooleanSupplier condition) {
        long deadline = System.nanoTime() + longest.toNanos();
        var never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + longest.toSeconds() + " s: " + what);
            }
            try {
                assertThat(never.await(50, TimeUnit.MILLISECONDS)).isFalse();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting until " + what, e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        agents.forEach(ScriptedAgent::close);
        synchronized (this) {
            channels.values().forEach(ManagedChannel::shutdownNow);
        }
        try {
            for (TestNode node : nodes) {
                stop(node);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        database.close();
    }
}
