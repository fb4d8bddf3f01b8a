package dev.neurath.host;

import static dev.neurath.host.ScriptedAgent.hello;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.codec.VmCodec;
import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostCommand;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.Inspect;
import dev.neurath.proto.v1.Inspection;
import dev.neurath.proto.v1.OrderMessage;
import dev.neurath.proto.v1.Question;
import dev.neurath.proto.v1.ToAgent;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AgentLinkTest {
    @SuppressWarnings("NullAway.Init")
    private static ActorTestKit kit;

    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final VmId VM = new VmId("vm-1");
    private static final VmOrder ORDER = new VmOrder.Switch(new Generation(3));

    private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    private final HostId host = new HostId("h-" + NUMBERS.incrementAndGet());
    private final Fleet fleet = new Fleet(kit, TestSettings.host());
    private final List<ScriptedAgent> agents = new ArrayList<>();
    private final TestProbe<HostActor.Reply> replies = kit.createTestProbe();

    @AfterEach
    void hangUp() {
        agents.forEach(ScriptedAgent::close);
        fleet.close();
        journal.resetPolicy();
    }

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
    void an_agent_whose_certificate_is_another_hosts_is_told_so_and_not_welcomed() {
        var door = fleet.open("node-a", TestSettings.link());
        fleet.proven = new HostId("h-of-somebody-else");

        var agent = dial(door);
        agent.say(hello(host.value(), "log-1", 1));
        var end = Status.fromThrowable(agent.failure());
        assertThat(end.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(end.getDescription())
                .startsWith("CERTIFICATE_OF_ANOTHER_HOST")
                .contains(host.value())
                .contains("h-of-somebody-else");
    }

    @Test
    void an_agent_is_welcomed_as_the_host_of_its_certificate() {
        fleet.proven = host;
        welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
    }

    @Test
    void an_agent_is_welcomed_with_the_floors_of_its_vms_and_the_releases() {
        var door = fleet.open("node-a", TestSettings.link());
        fleet.register("qemu-2");
        welcomed(door, "log-1", 1);
        placed(VM);
        fleet.generations.put(VM, new Generation(7));

        var agent = dial(door);
        agent.say(hello(host.value(), "log-1", 2));
        var welcome = agent.next().getWelcome();
        assertThat(welcome.getNode()).isEqualTo("node-a");
        assertThat(welcome.getSession()).matches("[0-9a-f]{32}");
        assertThat(welcome.getFloorsMap()).containsExactly(java.util.Map.entry("vm-1", 7L));
        assertThat(agent.next().getReleases().getReleases(0).getId()).isEqualTo("qemu-2");
    }

    @Test
    void no_two_sessions_have_the_same_id() {
        var door = fleet.open("node-a", TestSettings.link());
        var ids = new HashSet<String>();
        for (int incarnation = 1; incarnation <= 10; incarnation++) {
            ids.add(session(welcomed(door, "log-1", incarnation)));
        }
        assertThat(ids).hasSize(10);
    }

    @Test
    void an_agent_of_another_fleet_is_turned_away() {
        var agent = dial(fleet.open("node-a", TestSettings.link()));
        agent.say(hello(host.value(), "log-1", 1).setFleet("other"));
        assertThat(agent.refusal()).isEqualTo("OTHER_FLEET");
        assertThat(agent.endCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(agent.heardNothingMore()).isTrue();
    }

    @Test
    void a_second_agent_under_a_host_id_in_use_is_turned_away_and_the_first_stays() {
        var door = fleet.open("node-a", TestSettings.link());
        var first = welcomed(door, "log-1", 1);
        var second = dial(door);
        second.say(hello(host.value(), "log-2", 5));
        assertThat(second.refusal()).isEqualTo("DUPLICATE_HOST");
        order();
        assertThat(first.next().hasOrder()).isTrue();
    }

    @Test
    void an_agent_of_another_link_version_is_turned_away() {
        var agent = dial(fleet.open("node-a", TestSettings.link()));
        agent.say(hello(host.value(), "log-1", 1).setLinkVersion(99).setOldestLinkVersion(98));
        assertThat(agent.refusal()).isEqualTo("LINK_VERSION");
        assertThat(agent.failure())
                .hasMessageContaining("versions 98 to 99")
                .hasMessageContaining("this node speaks " + AgentSession.SPOKEN);
    }

    @Test
    void a_newer_agent_that_still_speaks_this_nodes_version_is_welcomed_to_that_one() {
        var agent = dial(fleet.open("node-a", TestSettings.link()));
        agent.say(
                hello(host.value(), "log-1", 1).setLinkVersion(99).setOldestLinkVersion(AgentSession.SPOKEN.newest()));
        assertThat(agent.welcomed().getLinkVersion()).isEqualTo(AgentSession.SPOKEN.newest());
        assertThat(java.util.Objects.requireNonNull(accepted().host().session()).linkVersion())
                .isEqualTo(AgentSession.SPOKEN.newest());
    }

    @Test
    void an_agent_that_names_one_version_is_welcomed_to_it() {
        var agent = dial(fleet.open("node-a", TestSettings.link()));
        agent.say(hello(host.value(), "log-1", 1).setOldestLinkVersion(0));
        assertThat(agent.welcomed().getLinkVersion()).isEqualTo(AgentSession.SPOKEN.newest());
    }

    @Test
    void versions_that_are_no_range_end_the_stream_by_name() {
        var agent = dial(fleet.open("node-a", TestSettings.link()));
        agent.say(hello(host.value(), "log-1", 1).setOldestLinkVersion(99));
        assertThat(agent.endCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(agent.failure()).hasMessageContaining("Hello.oldest_link_version");
    }

    @Test
    void what_is_no_hello_or_no_id_ends_the_stream_by_name() {
        var door = fleet.open("node-a", TestSettings.link());
        var impatient = dial(door);
        impatient.beat(1);
        assertThat(impatient.endCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);

        var nameless = dial(door);
        nameless.say(hello("../etc", "log-1", 1));
        assertThat(nameless.failure()).hasMessageContaining("Hello.host");

        var empty = dial(door);
        empty.say(FromAgent.getDefaultInstance());
        assertThat(empty.failure()).hasMessageContaining("FromAgent.message");

        var twice = welcomed(door, "log-1", 1);
        twice.say(hello(host.value(), "log-1", 1));
        assertThat(twice.endCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void an_order_carries_its_session_and_how_long_it_may_wait() {
        var agent = dial(fleet.open("node-a", TestSettings.link()));
        agent.say(hello(host.value(), "log-1", 1));
        var welcome = agent.welcomed();
        order();
        OrderMessage order = agent.next().getOrder();
        assertThat(order.getSession()).isEqualTo(welcome.getSession());
        assertThat(order.getVm()).isEqualTo("vm-1");
        assertThat(order.getOrder().getGeneration()).isEqualTo(3);
        assertThat(order.getStartBefore().getSeconds())
                .isEqualTo(TestSettings.link().startBeforeSwitch().toSeconds());
    }

    @Test
    void no_order_leaves_before_the_floors() {
        fleet.floorsKnown = new CompletableFuture<>();
        var agent = dial(fleet.open("node-a", TestSettings.link()));
        agent.say(hello(host.value(), "log-1", 1));
        await(HostPhase.CONNECTED);
        order();
        accepted();
        fleet.floorsKnown.complete(true);
        assertThat(agent.next().hasWelcome()).isTrue();
        assertThat(agent.next().hasReleases()).isTrue();
        agent.beat(1);
        assertThat(agent.next().hasHeartbeat()).isTrue();
    }

    @Test
    void without_the_floors_there_is_no_welcome() {
        fleet.floorsKnown = CompletableFuture.failedFuture(new IllegalStateException("VM vm-1 is unavailable"));
        var agent = dial(fleet.open("node-a", TestSettings.link()));
        agent.say(hello(host.value(), "log-1", 1));
        assertThat(agent.failure()).hasMessageContaining("VM vm-1 is unavailable");
        assertThat(agent.endCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(agent.heardNothingMore()).isTrue();
    }

    @Test
    void without_a_durable_session_there_is_no_welcome() {
        journal.failNextNPersisted(HostActor.persistenceId(host).id(), 1);
        var door = fleet.open("node-a", TestSettings.link());
        var agent = dial(door);
        agent.say(hello(host.value(), "log-1", 1));
        assertThat(agent.endCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(agent.heardNothingMore()).isTrue();
        // The journal is back, and so is the host, by itself.
        welcomed(door, "log-1", 1);
    }

    @Test
    void a_fact_goes_to_its_vm_and_is_acknowledged_only_when_the_vm_says_so() {
        var agent = welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
        var stamp = new FactStamp(1, 17);
        var fact = new VmFact.Ready(new Generation(3));
        agent.say(VM, stamp, fact);
        assertThat(fleet.next(fleet.facts)).isEqualTo(new Fleet.Fact(host, VM, stamp, fact));
        agent.beat(1);
        assertThat(agent.next().hasHeartbeat()).isTrue();

        fleet.tell(host, new HostActor.Acknowledge(VM, stamp, null));
        var acknowledged = agent.next().getAcknowledged();
        assertThat(acknowledged.getVm()).isEqualTo("vm-1");
        assertThat(acknowledged.getStamp().getSequence()).isEqualTo(17);
        assertThat(acknowledged.hasDisowned()).isFalse();
    }

    @Test
    void an_agent_whose_fact_will_never_count_is_told_why() {
        var agent = welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
        var why = Refusal.of("STRAY_QEMU", "It runs twice.", "neurath vm show vm-1");
        fleet.tell(host, new HostActor.Acknowledge(VM, new FactStamp(1, 17), why));
        var acknowledged = agent.next().getAcknowledged();
        assertThat(acknowledged.getStamp().getSequence()).isEqualTo(17);
        assertThat(VmCodec.decode(acknowledged.getDisowned())).isEqualTo(why);
    }

    @Test
    void an_agent_that_dials_another_node_replaces_its_session() {
        var first = welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
        var second = dial(fleet.open("node-b", TestSettings.link()));
        second.say(hello(host.value(), "log-1", 1));
        var welcome = second.welcomed();
        assertThat(welcome.getNode()).isEqualTo("node-b");
        assertThat(first.refusal()).isEqualTo("SESSION_REPLACED");
        assertThat(first.endCode()).isEqualTo(Status.Code.ABORTED);

        order();
        assertThat(second.next().getOrder().getSession()).isEqualTo(welcome.getSession());
        assertThat(first.heardNothingMore()).isTrue();
        assertThat(accepted().host().phase()).isEqualTo(HostPhase.CONNECTED);
    }

    @Test
    void a_session_that_does_not_count_any_more_is_ended_when_it_is_heard() {
        var agent = welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
        var session =
                java.util.Objects.requireNonNull(accepted().host().session()).id();
        fleet.tell(host, new HostActor.Tell(new HostCommand.LoseSession(session, "its node was not heard")));
        assertThat(agent.endCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(accepted().host().phase()).isEqualTo(HostPhase.UNREACHABLE);
    }

    @Test
    void a_host_that_moves_to_another_node_finds_its_session_again() {
        var agent = welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
        fleet.restart(host);
        // Orders are dropped until the session made itself heard; the VM repeats them, and so does this.
        ToAgent heard = orderUntilHeard(agent);
        assertThat(heard.hasOrder()).isTrue();
        // An order may still have gone out by the host actor that was about to move.
        replies.awaitAssert(
                Duration.ofSeconds(10),
                Duration.ofMillis(20),
                () -> assertThat(accepted().fresh()).isEqualTo(ScriptedAgent.FACTS));
    }

    @Test
    void an_agent_that_does_not_read_is_cut_off() {
        var door = fleet.open("node-a", TestSettings.link());
        var agent = ScriptedAgent.dialWithoutReading(door.port());
        agents.add(agent);
        agent.say(hello(host.value(), "log-1", 1));
        await(HostPhase.CONNECTED);
        // More than gRPC's and the kernel's buffers hold in front of the queue.
        var vm = new VmId("v".repeat(64));
        while (accepted().host().phase() == HostPhase.CONNECTED) {
            for (int i = 0; i < 500; i++) {
                fleet.tell(host, new HostActor.Order(vm, ORDER));
            }
        }
        agent.readOn();
        assertThat(agent.endCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void an_agent_that_says_nothing_is_cut_off_and_one_that_beats_stays() {
        var door = fleet.open("node-a", TestSettings.quick());
        var agent = welcomed(door, "log-1", 1);
        for (int beat = 1; beat <= 10; beat++) {
            agent.beat(beat);
            assertThat(agent.next().getHeartbeat().getSequence()).isEqualTo(beat);
        }
        assertThat(agent.failure()).hasMessageContaining("nothing was heard");
        assertThat(agent.endCode()).isEqualTo(Status.Code.UNAVAILABLE);
        await(HostPhase.UNREACHABLE);
    }

    @Test
    void an_agent_whose_connection_breaks_is_unreachable() {
        var agent = welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
        agent.close();
        await(HostPhase.UNREACHABLE);
        assertThat(fleet.listeners()).isZero();
    }

    @Test
    void a_new_release_is_pushed() {
        var agent = welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
        fleet.register("qemu-3");
        assertThat(agent.next().getReleases().getReleases(0).getId()).isEqualTo("qemu-3");
    }

    @Test
    void a_node_that_stops_sends_its_agents_elsewhere() {
        var door = fleet.open("node-a", TestSettings.link());
        var agent = welcomed(door, "log-1", 1);
        door.link().stop();
        assertThat(agent.endCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(dial(door).endCode()).isEqualTo(Status.Code.UNAVAILABLE);
        await(HostPhase.UNREACHABLE);
    }

    @Test
    void the_vms_of_a_host_declared_dead_are_told_until_they_are_settled() {
        var agent = welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
        placed(VM);
        agent.close();
        await(HostPhase.UNREACHABLE);
        fleet.tell(
                host,
                new HostActor.Request(new HostCommand.DeclareDead("power is off", Actor.LOCAL), replies.getRef()));
        assertThat(replies.receiveMessage()).isInstanceOf(HostActor.Accepted.class);
        for (int i = 0; i < 3; i++) {
            assertThat(fleet.next(fleet.deaths)).isEqualTo(new Fleet.Death(host, VM, "power is off"));
        }
    }

    @Test
    void a_question_goes_to_the_agent_and_its_answer_to_who_asked() {
        var agent = welcomed(fleet.open("node-a", TestSettings.link()), "log-1", 1);
        ask("/a");
        ask("/b");
        var first = agent.next().getQuestion();
        var second = agent.next().getQuestion();
        assertThat(first.getInspect().getPath()).isEqualTo("/a");
        assertThat(second.getId()).isNotEqualTo(first.getId());
        agent.say(FromAgent.newBuilder()
                .setAnswer(Answer.newBuilder().setId(second.getId()).setInspection(Inspection.getDefaultInstance()))
                .build());
        var answered = (HostActor.Answered) replies.receiveMessage(Duration.ofSeconds(10));
        assertThat(answered.answer().getId()).isEqualTo(second.getId());
    }

    @Test
    void a_question_to_a_host_without_a_session_is_refused() {
        ask("/a");
        var refused = (HostActor.Refused) replies.receiveMessage(Duration.ofSeconds(10));
        assertThat(refused.refusal().code()).isEqualTo("HOST_UNREACHABLE");
    }

    private void ask(String path) {
        var question = Question.newBuilder().setInspect(Inspect.newBuilder().setPath(path));
        fleet.tell(host, new HostActor.Ask(question.build(), replies.getRef()));
    }

    private ScriptedAgent dial(Fleet.Door door) {
        var agent = ScriptedAgent.dial(door.port());
        agents.add(agent);
        return agent;
    }

    private ScriptedAgent welcomed(Fleet.Door door, String log, long incarnation) {
        var agent = dial(door);
        agent.say(hello(host.value(), log, incarnation));
        agent.welcomed();
        return agent;
    }

    /** @return the session that counts now */
    private String session(ScriptedAgent agent) {
        agent.beat(1);
        assertThat(agent.next().hasHeartbeat()).isTrue();
        return java.util.Objects.requireNonNull(accepted().host().session()).id();
    }

    private void order() {
        fleet.tell(host, new HostActor.Order(VM, ORDER));
    }

    /** An order a moment, and not as fast as it goes: a session whose agent reads too slowly is cut off. */
    private ToAgent orderUntilHeard(ScriptedAgent agent) {
        for (int tries = 0; tries < 500; tries++) {
            order();
            ToAgent heard = agent.nextWithin(Duration.ofMillis(20));
            if (heard != null) {
                return heard;
            }
        }
        throw new AssertionError("no order was heard; " + accepted());
    }

    private void placed(VmId vm) {
        fleet.tell(host, new HostActor.Request(new HostCommand.PlaceVm(vm), replies.getRef()));
        assertThat(replies.receiveMessage()).isInstanceOf(HostActor.Accepted.class);
    }

    private HostActor.Accepted accepted() {
        fleet.tell(host, new HostActor.Get(replies.getRef()));
        return (HostActor.Accepted) replies.receiveMessage(Duration.ofSeconds(10));
    }

    private void await(HostPhase phase) {
        replies.awaitAssert(
                Duration.ofSeconds(10),
                Duration.ofMillis(20),
                () -> assertThat(accepted().host().phase()).isEqualTo(phase));
    }
}
