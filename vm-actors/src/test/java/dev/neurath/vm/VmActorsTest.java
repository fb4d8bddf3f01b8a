package dev.neurath.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmPhase;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.cluster.sharding.typed.GetShardRegionState;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.StorageFailure;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** VMs found through the cluster's sharding, here of one node. */
class VmActorsTest {
    private static final Config CONFIG = PersistenceTestKitPlugin.getInstance()
            .config()
            .withFallback(PersistenceTestKitSnapshotPlugin.config())
            .withFallback(ConfigFactory.parseString("""
                    pekko.actor.provider = cluster
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.cluster.jmx.enabled = off
                    pekko.persistence.journal-plugin-fallback.circuit-breaker.max-failures = 1000000
                    pekko.coordinated-shutdown.run-by-actor-system-terminate = off
                    neurath.vm { ask-timeout = 2s, restart-backoff = 50ms, restart-backoff-max = 200ms, idle-after = 300ms }
                    """))
            .withFallback(ConfigFactory.load());

    @SuppressWarnings("NullAway.Init")
    private static ActorTestKit kit;

    private static final Sent SENT = new Sent();
    private static VmActors vms;

    private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());

    @BeforeAll
    static void join() {
        kit = ActorTestKit.create(CONFIG);
        vms = VmActors.start(kit.system(), SENT);
        var cluster = Cluster.get(kit.system());
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        kit.createTestProbe().awaitAssert(Duration.ofSeconds(20), () -> {
            assertThat(vms.get(new VmId("first")).toCompletableFuture().get(3, TimeUnit.SECONDS))
                    .isInstanceOf(VmActor.Accepted.class);
            return null;
        });
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void a_vm_that_left_the_memory_is_found_again_as_it_was() throws Exception {
        var id = new VmId("vm-a");
        var script = new Script(id);
        assertThat(phase(vms.ask(id, script.start()))).isEqualTo(VmPhase.STARTING);
        assertThat(SENT.nextOrder(VmOrder.Start.class).generation()).isEqualTo(new Generation(1));
        vms.tell(id, script.started(new Generation(1)));
        SENT.next(Sent.Acknowledgement.class);
        awaitGone(id);
        assertThat(phase(vms.get(id))).isEqualTo(VmPhase.STEADY);
    }

    @Test
    void a_vm_whose_journal_does_not_answer_is_unavailable_and_nothing_throws() throws Exception {
        var id = new VmId("vm-b");
        journal.withPolicy((pid, operation) -> StorageFailure.create(new IllegalStateException("database is gone")));
        try {
            assertThat(answer(vms.ask(id, new Script(id).start()))).isInstanceOf(VmActor.Unavailable.class);
        } finally {
            journal.resetPolicy();
        }
        kit.createTestProbe().awaitAssert(Duration.ofSeconds(10), () -> {
            assertThat(answer(vms.ask(id, new Script(id).start()))).isInstanceOf(VmActor.Accepted.class);
            return null;
        });
    }

    private static void awaitGone(VmId id) {
        var probe = kit.<ShardRegion.CurrentShardRegionState>createTestProbe();
        probe.awaitAssert(Duration.ofSeconds(10), () -> {
            ClusterSharding.get(kit.system()).shardState().tell(new GetShardRegionState(VmActors.TYPE, probe.getRef()));
            assertThat(probe.receiveMessage().getShards())
                    .noneMatch(shard -> shard.getEntityIds().contains(id.value()));
            return null;
        });
    }

    private static VmActor.Reply answer(CompletionStage<VmActor.Reply> reply) throws Exception {
        return reply.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static VmPhase phase(CompletionStage<VmActor.Reply> reply) throws Exception {
        return ((VmActor.Accepted) answer(reply)).vm().phase();
    }
}
