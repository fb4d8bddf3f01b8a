package dev.neurath.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.neurath.model.Actor;
import dev.neurath.model.HostId;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostCommand;
import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.host.HostState;
import dev.neurath.model.host.Session;
import dev.neurath.persistence.events.EventCodecs;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.persistence.testkit.ProcessingSuccess;
import org.apache.pekko.persistence.testkit.ReadEvents;
import org.apache.pekko.persistence.testkit.StorageFailure;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HostActorTest {
    @SuppressWarnings("NullAway.Init")
    private static ActorTestKit kit;

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    private final HostId id = new HostId("host-" + NUMBERS.incrementAndGet());
    private final Fleet ports = new Fleet(kit, TestSettings.host());
    private final LinkedBlockingQueue<HostId> woken = new LinkedBlockingQueue<>();
    private final TestProbe<ClusterSharding.ShardCommand> shard = kit.createTestProbe();
    private final TestProbe<AgentSession.Message> agent = kit.createTestProbe();
    private final TestProbe<HostActor.Reply> replies = kit.createTestProbe();

    // Here and not in the field: a failed test is run again in the same JVM, after stop().
    @BeforeAll
    static void start() {
        kit = ActorTestKit.create(TestSettings.CONFIG);
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void a_session_whose_node_is_not_heard_is_lost_and_one_that_is_heard_stays() {
        var host = alive(settings(Duration.ofMillis(300), Duration.ofMinutes(5)));
        host.tell(connect("s-1", 1));
        assertThat(agent.receiveMessage()).isInstanceOf(AgentSession.Welcomed.class);
        var heard = new HostActor.Alive("s-1", ScriptedAgent.FACTS, agent.getRef());
        for (int i = 0; i < 10; i++) {
            host.tell(heard);
            agent.expectNoMessage(Duration.ofMillis(60));
        }
        assertThat(get(host).phase()).isEqualTo(HostPhase.CONNECTED);
        replies.awaitAssert(
                Duration.ofSeconds(10), () -> assertThat(get(host).phase()).isEqualTo(HostPhase.UNREACHABLE));
        host.tell(heard);
        assertThat(agent.receiveMessage()).isInstanceOf(AgentSession.Replaced.class);
    }

    @Test
    void a_host_without_a_session_leaves_the_memory_and_one_with_a_session_stays() {
        var host = alive(settings(Duration.ofMinutes(5), Duration.ofMillis(50)));
        host.tell(connect("s-1", 1));
        agent.receiveMessage();
        get(host);
        shard.expectNoMessage(Duration.ofMillis(300));
        host.tell(new HostActor.Tell(new HostCommand.LoseSession("s-1", "gone")));
        shard.expectMessage(new ClusterSharding.Passivate<>(host));
    }

    @Test
    void a_host_that_has_to_leave_its_node_with_something_due_is_woken_elsewhere() throws Exception {
        var host = alive(TestSettings.host());
        host.tell(connect("s-1", 1));
        agent.receiveMessage();
        host.tell(HostActor.Leave.INSTANCE);
        assertThat(woken.poll(10, TimeUnit.SECONDS)).isEqualTo(id);
        replies.expectTerminated(host, Duration.ofSeconds(10));
    }

    @Test
    void a_command_that_is_not_durable_is_answered_and_the_host_comes_back_by_itself() {
        var host = alive(TestSettings.host());
        host.tell(connect("s-1", 1));
        agent.receiveMessage();
        journal.failNextNPersisted(HostActor.persistenceId(id).id(), 1);
        var cordon = new HostCommand.Cordon("new disks", Actor.LOCAL);
        host.tell(new HostActor.Request(cordon, replies.getRef()));
        assertThat(replies.receiveMessage()).isInstanceOf(HostActor.Unavailable.class);
        host.tell(new HostActor.Request(cordon, replies.getRef()));
        assertThat(replies.receiveMessage(Duration.ofSeconds(10)))
                .isInstanceOfSatisfying(
                        HostActor.Accepted.class,
                        accepted -> assertThat(accepted.host().cordon()).isEqualTo("new disks"));
    }

    @Test
    void a_host_whose_history_a_newer_build_wrote_refuses_and_sends_its_agent_to_dial_on() throws Exception {
        var first = alive(TestSettings.host());
        first.tell(connect("s-1", 1));
        assertThat(agent.receiveMessage()).isInstanceOf(AgentSession.Welcomed.class);
        kit.stop(first);
        journal.withPolicy((pid, operation) -> operation instanceof ReadEvents
                        && pid.equals(HostActor.persistenceId(id).id())
                ? StorageFailure.create(newerEvent())
                : ProcessingSuccess.getInstance());
        try {
            var host = alive(TestSettings.host());
            host.tell(new HostActor.Get(replies.getRef()));
            assertThat(replies.receiveMessage(Duration.ofSeconds(10)))
                    .isInstanceOfSatisfying(
                            HostActor.Refused.class,
                            refused -> assertThat(refused.refusal().code()).isEqualTo("NEWER_BUILD"));
            host.tell(connect("s-2", 2));
            assertThat(agent.receiveMessage())
                    .isInstanceOfSatisfying(
                            AgentSession.TryElsewhere.class,
                            elsewhere -> assertThat(elsewhere.reason()).contains("newer build"));
            host.tell(HostActor.Leave.INSTANCE);
            assertThat(woken.poll(10, TimeUnit.SECONDS)).isEqualTo(id);
            replies.expectTerminated(host, Duration.ofSeconds(10));
        } finally {
            journal.resetPolicy();
        }
        assertThat(get(alive(TestSettings.host())).phase()).isEqualTo(HostPhase.CONNECTED);
    }

    private static RuntimeException newerEvent() {
        return catchThrowableOfType(
                RuntimeException.class,
                () -> new EventCodecs(new HostEventCodecs().codecs()).decode("host/2", new byte[0]));
    }

    @Test
    void replay_gives_what_lived_whatever_was_commanded() {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var host = alive(TestSettings.host());
            for (int i = 0; i < 30; i++) {
                any(host, random, i);
            }
            HostState lived = get(host);
            kit.stop(host);
            HostState folded = HostState.initial(id, Fleet.ID);
            for (Object event :
                    journal.persistedInStorage(HostActor.persistenceId(id).id())) {
                folded = folded.evolve((HostEvent) event);
            }
            assertThat(folded).as("seed %d, fold of the journal", seed).isEqualTo(lived);
            var again = alive(TestSettings.host());
            assertThat(get(again)).as("seed %d, snapshot and replay", seed).isEqualTo(lived);
            kit.stop(again);
        }
    }

    private void any(ActorRef<HostActor.Message> host, Random random, int step) {
        switch (random.nextInt(7)) {
            case 0, 1 -> host.tell(connect("s-" + step, 1));
            case 2 -> host.tell(new HostActor.Tell(new HostCommand.LoseSession("s-" + (step - 1), "lost")));
            case 3 -> host.tell(new HostActor.Tell(new HostCommand.PlaceVm(new VmId("vm-" + random.nextInt(5)))));
            case 4 -> host.tell(new HostActor.Tell(new HostCommand.ForgetVm(new VmId("vm-" + random.nextInt(5)))));
            case 5 -> host.tell(new HostActor.Tell(new HostCommand.Cordon("step " + step, Actor.LOCAL)));
            default -> host.tell(new HostActor.Tell(new HostCommand.DeclareDead("dark", Actor.LOCAL)));
        }
    }

    private HostActor.Connect connect(String session, long incarnation) {
        return new HostActor.Connect(
                Fleet.ID,
                new Session(session, incarnation, "boot", "log", "1", AgentSession.SPOKEN.newest()),
                ScriptedAgent.FACTS,
                agent.getRef());
    }

    private ActorRef<HostActor.Message> alive(HostSettings settings) {
        return kit.spawn(HostActor.create(id, Fleet.ID, shard.getRef(), ports, woken::add, settings));
    }

    private HostState get(ActorRef<HostActor.Message> host) {
        host.tell(new HostActor.Get(replies.getRef()));
        return ((HostActor.Accepted) replies.receiveMessage(Duration.ofSeconds(10))).host();
    }

    private static HostSettings settings(Duration silence, Duration idle) {
        return new HostSettings(
                silence,
                Duration.ofMillis(50),
                idle,
                Duration.ofMillis(50),
                Duration.ofMillis(200),
                5,
                Duration.ofSeconds(5));
    }
}
