package dev.neurath.host;

import dev.neurath.model.Actor;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmFact;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.ReleaseCatalog;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.jspecify.annotations.Nullable;

/** Hosts' actors in one JVM, doors for agents on real ports, and ports that a test reads. */
final class Fleet implements Hosts, HostPorts, ReleaseSource, AutoCloseable {
    static final FleetId ID = new FleetId("test");

    record Fact(HostId host, VmId vm, FactStamp stamp, VmFact fact) {}

    record Death(HostId host, VmId vm, String evidence) {}

    record Door(AgentLink link, Server server) {
        int port() {
            return server.getPort();
        }
    }

    final LinkedBlockingQueue<Fact> facts = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Death> deaths = new LinkedBlockingQueue<>();
    final Map<VmId, Generation> generations = new ConcurrentHashMap<>();
    volatile CompletableFuture<Boolean> floorsKnown = CompletableFuture.completedFuture(true);
    /** Whom agents have proven to speak for; null = nothing is proven. */
    volatile @Nullable HostId proven;

    volatile ReleaseCatalog catalog = ReleaseCatalog.getDefaultInstance();

    private final ActorTestKit kit;
    private final HostSettings settings;
    private final TestProbe<ClusterSharding.ShardCommand> shard;
    private final Map<HostId, ActorRef<HostActor.Message>> hosts = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<Door> doors = new CopyOnWriteArrayList<>();

    Fleet(ActorTestKit kit, HostSettings settings) {
        this.kit = kit;
        this.settings = settings;
        shard = kit.createTestProbe();
    }

    Door open(String node, LinkSettings link) {
        var door = AgentLink.create(kit.system(), new AgentSession.Node(node, this, this, this, link), () -> proven);
        try {
            var server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .addService(door)
                    .build()
                    .start();
            doors.add(new Door(door, server));
            return doors.getLast();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ActorRef<HostActor.Message> host(HostId host) {
        return hosts.computeIfAbsent(
                host, id -> kit.spawn(HostActor.create(id, ID, shard.getRef(), this, this::wake, settings)));
    }

    /** As a shard that moves: its new life replays the journal. */
    void restart(HostId host) {
        ActorRef<HostActor.Message> before = hosts.remove(host);
        if (before != null) {
            kit.stop(before);
        }
        wake(host);
    }

    private void wake(HostId host) {
        tell(host, new HostActor.Wake());
    }

    <T> T next(LinkedBlockingQueue<T> queue) {
        try {
            T item = queue.poll(10, TimeUnit.SECONDS);
            if (item == null) {
                throw new AssertionError("nothing came");
            }
            return item;
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while waiting", e);
        }
    }

    void register(String release) {
        catalog = ReleaseCatalog.newBuilder()
                .addReleases(Release.newBuilder().setId(release))
                .build();
        listeners.forEach(Runnable::run);
    }

    int listeners() {
        return listeners.size();
    }

    @Override
    public void tell(HostId host, HostActor.Message message) {
        host(host).tell(message);
    }

    @Override
    public void fact(HostId host, VmId vm, FactStamp stamp, VmFact fact) {
        facts.add(new Fact(host, vm, stamp, fact));
    }

    @Override
    public CompletionStage<Map<VmId, Generation>> floors(HostId host, List<VmId> vms) {
        return floorsKnown.thenApply(known -> {
            var floors = new ConcurrentHashMap<>(generations);
            floors.keySet().retainAll(vms);
            return floors;
        });
    }

    @Override
    public void declareDead(HostId host, VmId vm, String evidence, Actor by) {
        deaths.add(new Death(host, vm, evidence));
    }

    @Override
    public ReleaseCatalog current() {
        return catalog;
    }

    @Override
    public Registration onChange(Runnable changed) {
        listeners.add(changed);
        return () -> listeners.remove(changed);
    }

    @Override
    public void close() {
        doors.forEach(door -> {
            door.link().stop();
            door.server().shutdownNow();
        });
    }
}
