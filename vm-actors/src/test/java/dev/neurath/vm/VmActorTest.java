package dev.neurath.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;
import dev.neurath.persistence.events.EventCodecs;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.ProcessingSuccess;
import org.apache.pekko.persistence.testkit.ReadEvents;
import org.apache.pekko.persistence.testkit.StorageFailure;
import org.apache.pekko.persistence.testkit.WriteEvents;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class VmActorTest {
    private static final Config CONFIG =
            PersistenceTestKitPlugin.getInstance().config().withFallback(PersistenceTestKitSnapshotPlugin.config());

    @SuppressWarnings("NullAway.Init")
    private static ActorTestKit kit;

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    private final VmId id = new VmId("vm-" + NUMBERS.incrementAndGet());
    private final String persistenceId = VmActor.persistenceId(id).id();
    private final Script script = new Script(id);
    private final Sent sent = new Sent();
    private final LinkedBlockingQueue<VmId> woken = new LinkedBlockingQueue<>();
    private final TestProbe<ClusterSharding.ShardCommand> shard = kit.createTestProbe();
    private final TestProbe<VmActor.Reply> replies = kit.createTestProbe();

    // Here and not in the field: a failed test is run again in the same JVM, after stop().
    @BeforeAll
    static void start() {
        kit = ActorTestKit.create(CONFIG.withFallback(ConfigFactory.load()));
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @AfterEach
    void takeEveryEventAgain() {
        journal.resetPolicy();
    }

    @Test
    void an_order_leaves_and_a_command_is_answered_only_after_the_event_is_durable() throws Exception {
        var vm = alive(slow());
        var reached = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        journal.withPolicy((pid, operation) -> {
            if (operation instanceof WriteEvents) {
                reached.countDown();
                awaitOrFail(goOn);
            }
            return ProcessingSuccess.getInstance();
        });
        vm.tell(new VmActor.Request(script.start(), replies.getRef()));
        awaitOrFail(reached);
        assertThat(sent.isEmpty()).isTrue();
        replies.expectNoMessage(Duration.ofMillis(100));
        assertThat(sent.isEmpty()).isTrue();

        goOn.countDown();
        assertThat(accepted().phase()).isEqualTo(VmPhase.STARTING);
        assertThat(sent.next())
                .isInstanceOfSatisfying(
                        Sent.Order.class,
                        order -> assertThat(order.order())
                                .isEqualTo(new VmOrder.Start(new Generation(1), script.spec())));
    }

    @Test
    void a_fact_whose_event_is_not_durable_is_not_acknowledged_and_the_vm_comes_back_by_itself() {
        var vm = alive(slow());
        ask(vm, script.start());
        sent.nextOrder(VmOrder.Start.class);
        journal.failNextNPersisted(persistenceId, 1);
        var started = script.started(new Generation(1));
        vm.tell(new VmActor.Request(started, replies.getRef()));
        assertThat(replies.receiveMessage())
                .isInstanceOfSatisfying(
                        VmActor.Unavailable.class,
                        unavailable -> assertThat(unavailable.reason())
                                .contains(id.value())
                                .contains("ask again"));
        // Recovered: what is due runs again, and the agent repeats its fact, which is acknowledged now.
        assertThat(sent.next()).isInstanceOf(Sent.Order.class);
        assertThat(sent.isEmpty()).isTrue();
        assertThat(ask(vm, started).phase()).isEqualTo(VmPhase.STEADY);
        assertThat(sent.next()).isInstanceOf(Sent.Acknowledgement.class);
    }

    @Test
    void a_journal_that_is_gone_for_a_while_loses_nothing_that_was_accepted() {
        var vm = alive(slow());
        ask(vm, script.start());
        sent.nextOrder(VmOrder.Start.class);
        journal.withPolicy((pid, operation) -> StorageFailure.create(new IllegalStateException("database is gone")));
        vm.tell(new VmActor.Request(script.started(new Generation(1)), replies.getRef()));
        assertThat(replies.receiveMessage()).isInstanceOf(VmActor.Unavailable.class);
        journal.resetPolicy();
        assertThat(sent.nextOrder(VmOrder.Start.class).generation()).isEqualTo(new Generation(1));
        assertThat(get(vm).phase()).isEqualTo(VmPhase.STARTING);
    }

    @Test
    void an_event_that_the_journal_rejects_is_answered_and_changes_nothing() {
        var vm = alive(slow());
        journal.rejectNextPersisted(persistenceId);
        vm.tell(new VmActor.Request(script.start(), replies.getRef()));
        assertThat(replies.receiveMessage()).isInstanceOf(VmActor.Unavailable.class);
        assertThat(get(vm).phase()).isEqualTo(VmPhase.ABSENT);
        assertThat(ask(vm, script.start()).phase()).isEqualTo(VmPhase.STARTING);
    }

    @Test
    void a_whole_upgrade_ends_with_the_rollout_told_and_tells_again_when_asked_again() {
        var vm = alive(slow());
        Generation g = steady(vm).next();
        ask(vm, script.upgrade(7));
        sent.nextOrder(VmOrder.Prepare.class);
        ask(vm, script.ready(g));
        sent.nextOrder(VmOrder.Switch.class);
        assertThat(ask(vm, script.upgraded(g)).phase()).isEqualTo(VmPhase.VERIFYING);
        assertThat(ask(vm, script.alive(g)).phase()).isEqualTo(VmPhase.STEADY);
        var told = sent.next(Sent.Told.class);
        assertThat(told.attemptNumber()).isEqualTo(7);
        assertThat(told.ended()).isInstanceOf(VmEvent.Verified.class);

        ask(vm, script.upgrade(7));
        assertThat(sent.next(Sent.Told.class)).isEqualTo(told);
    }

    @Test
    void a_refused_command_names_its_reason_and_leaves_no_event() {
        var vm = alive(slow());
        vm.tell(new VmActor.Request(script.upgrade(1), replies.getRef()));
        assertThat(replies.receiveMessage())
                .isInstanceOfSatisfying(
                        VmActor.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo("VM_UNKNOWN"));
        assertThat(journal.persistedInStorage(persistenceId)).isEmpty();
    }

    @Test
    void an_agent_that_runs_a_vm_which_is_elsewhere_is_told_so_and_need_not_repeat_it() {
        var vm = alive(slow());
        vm.tell(new VmActor.Request(script.start(), replies.getRef()));
        Generation g = accepted().generation();
        var elsewhere = new HostId("h2");
        var stray = new VmCommand.Report(
                elsewhere, new FactStamp(7, 7), new VmFact.Inventory(g, Script.OLD, Script.process(9)));
        vm.tell(new VmActor.Tell(stray));
        assertThat(sent.next(Sent.Disowned.class)).satisfies(disowned -> {
            assertThat(disowned.host()).isEqualTo(elsewhere);
            assertThat(disowned.stamp()).isEqualTo(stray.stamp());
            assertThat(disowned.why().code()).isEqualTo("STRAY_QEMU");
        });
        vm.tell(new VmActor.Tell(script.started(g)));
        assertThat(sent.next(Sent.Acknowledgement.class).host()).isEqualTo(Script.HOST);
    }

    @Test
    void what_shows_that_the_journal_is_older_than_its_agents_counts_once_the_fleet_is_frozen() {
        var vm = alive(slow());
        ask(vm, script.start());
        ask(vm, script.started(new Generation(1)));
        sent.next(Sent.Acknowledgement.class);
        var later = (VmCommand.Report)
                script.report(new VmFact.Inventory(new Generation(41), Script.NEW, Script.process(9)));
        vm.tell(new VmActor.Tell(later));
        Sent.Behind lost = sent.next(Sent.Behind.class);
        assertThat(lost.told()).isEqualTo(new Generation(41));
        lost.answer().complete(false);
        // Its agent has heard nothing, and repeats it.
        vm.tell(new VmActor.Tell(later));
        Sent.Behind repeated = sent.next(Sent.Behind.class);
        assertThat(get(vm).generation()).isEqualTo(new Generation(1));
        repeated.answer().complete(true);
        assertThat(sent.next(Sent.Acknowledgement.class).stamp()).isEqualTo(later.stamp());
        assertThat(get(vm).generation()).isEqualTo(new Generation(41));
    }

    @Test
    void a_vm_that_was_never_started_lets_an_agent_forget_what_it_says_of_it() {
        var vm = alive(slow());
        var exit = (VmCommand.Report) script.report(new VmFact.Exited("GONE_WITH_HOST", "The host was rebooted."));
        vm.tell(new VmActor.Tell(exit));
        assertThat(sent.next(Sent.Disowned.class)).satisfies(disowned -> {
            assertThat(disowned.stamp()).isEqualTo(exit.stamp());
            assertThat(disowned.why().code()).isEqualTo("NOT_THIS_HOST");
        });
        assertThat(journal.persistedInStorage(persistenceId)).isEmpty();
    }

    @Test
    void an_order_is_repeated_until_a_fact_answers() {
        var vm = alive(fast());
        ask(vm, script.start());
        for (int i = 0; i < 4; i++) {
            sent.nextOrder(VmOrder.Start.class);
        }
        ask(vm, script.started(new Generation(1)));
        sent.next(Sent.Acknowledgement.class);
        shard.expectMessageClass(ClusterSharding.Passivate.class);
        assertThat(sent.isEmpty()).isTrue();
    }

    @Test
    void repeating_does_not_prolong_the_deadline_and_lost_contact_is_asked_and_fenced() {
        var vm = alive(fast());
        Generation g = steady(vm).next();
        ask(vm, script.upgrade(1));
        assertThat(sent.nextOrder(VmOrder.Resolve.class).generation()).isEqualTo(g);
        assertThat(get(vm).phase()).isEqualTo(VmPhase.UNCERTAIN);
        // A place of rest for the attempt, but not for the asking.
        sent.nextOrder(VmOrder.Resolve.class);
        sent.nextOrder(VmOrder.Resolve.class);
        assertThat(ask(vm, script.report(new VmFact.Closed(g))).phase()).isEqualTo(VmPhase.STEADY);
    }

    @Test
    void health_that_nobody_reports_is_unknown_after_its_deadline() {
        var vm = alive(fast());
        Generation g = steady(vm).next();
        ask(vm, script.upgrade(1));
        ask(vm, script.ready(g));
        ask(vm, script.upgraded(g));
        assertThat(sent.next(Sent.Told.class).ended())
                .isInstanceOfSatisfying(
                        VmEvent.Verified.class,
                        verified -> assertThat(verified.health()).isEqualTo(dev.neurath.model.vm.Health.UNKNOWN));
    }

    @Test
    void what_was_due_runs_again_after_a_recovery() {
        var first = alive(slow());
        Generation g = steady(first).next();
        ask(first, script.upgrade(1));
        ask(first, script.ready(g));
        sent.nextOrder(VmOrder.Switch.class);
        kit.stop(first);
        alive(slow());
        assertThat(sent.nextOrder(VmOrder.Switch.class).generation()).isEqualTo(g);
    }

    @Test
    void a_vm_at_rest_leaves_the_memory_and_one_that_waits_stays() {
        var vm = alive(settings(Duration.ofMillis(20), Duration.ofHours(1), Duration.ofMillis(150)));
        ask(vm, script.start());
        for (int i = 0; i < 20; i++) {
            sent.nextOrder(VmOrder.Start.class);
        }
        shard.expectNoMessage(Duration.ZERO);
        ask(vm, script.started(new Generation(1)));
        shard.expectMessage(new ClusterSharding.Passivate<>(vm));
    }

    @Test
    void a_vm_that_has_to_leave_its_node_while_it_waits_is_woken_elsewhere() throws Exception {
        var vm = alive(slow());
        ask(vm, script.start());
        vm.tell(VmActor.Leave.INSTANCE);
        assertThat(woken.poll(10, TimeUnit.SECONDS)).isEqualTo(id);
        replies.expectTerminated(vm, Duration.ofSeconds(10));
    }

    @Test
    void a_vm_that_leaves_at_rest_wakes_nobody() {
        var vm = alive(slow());
        steady(vm);
        vm.tell(VmActor.Leave.INSTANCE);
        replies.expectTerminated(vm, Duration.ofSeconds(10));
        assertThat(woken).isEmpty();
    }

    @Test
    void a_vm_whose_history_a_newer_build_wrote_refuses_with_the_reason_and_lives_where_it_can_be_read()
            throws Exception {
        var first = alive(slow());
        steady(first);
        sent.nextOrder(VmOrder.Start.class);
        sent.next(Sent.Acknowledgement.class);
        kit.stop(first);
        var replays = new AtomicInteger();
        journal.withPolicy((pid, operation) -> {
            if (operation instanceof ReadEvents && pid.equals(persistenceId)) {
                replays.incrementAndGet();
                return StorageFailure.create(newerEvent());
            }
            return ProcessingSuccess.getInstance();
        });
        var vm = alive(slow());
        for (int i = 0; i < 3; i++) {
            vm.tell(new VmActor.Request(script.upgrade(1), replies.getRef()));
            vm.tell(new VmActor.Get(replies.getRef()));
            for (int answers = 0; answers < 2; answers++) {
                assertThat(replies.receiveMessage(Duration.ofSeconds(10)))
                        .isInstanceOfSatisfying(VmActor.Refused.class, refused -> {
                            assertThat(refused.refusal().code()).isEqualTo("NEWER_BUILD");
                            assertThat(refused.refusal().sentence())
                                    .contains("VM " + id)
                                    .contains("A newer build wrote it")
                                    .contains("[77]");
                        });
            }
        }
        vm.tell(new VmActor.Tell(script.ready(new Generation(2))));
        // Several times the supervisor's patience: it is not started again and again.
        replies.expectNoMessage(Duration.ofMillis(600));
        assertThat(replays).hasValue(1);
        assertThat(sent.isEmpty()).isTrue();

        vm.tell(VmActor.Leave.INSTANCE);
        replies.expectTerminated(vm, Duration.ofSeconds(10));
        assertThat(woken.poll(10, TimeUnit.SECONDS)).isEqualTo(id);
        var again = alive(slow());
        again.tell(VmActor.Leave.INSTANCE);
        replies.expectTerminated(again, Duration.ofSeconds(10));
        assertThat(woken.poll(10, TimeUnit.SECONDS)).isEqualTo(id);
        journal.resetPolicy();
        assertThat(get(alive(slow())).phase()).isEqualTo(VmPhase.STEADY);
    }

    private static RuntimeException newerEvent() {
        var nothing = UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.EMPTY)
                .build();
        byte[] payload =
                UnknownFieldSet.newBuilder().addField(77, nothing).build().toByteArray();
        return catchThrowableOfType(
                RuntimeException.class, () -> new EventCodecs(new VmEventCodecs().codecs()).decode("vm/1", payload));
    }

    @Test
    void replay_gives_what_lived_whatever_was_commanded() {
        for (int seed = 0; seed < 40; seed++) {
            var vmId = new VmId("replayed-" + seed);
            var random = new Random(seed);
            var walk = new Script(vmId);
            var vm = alive(vmId, slow());
            for (int i = 0; i < 40; i++) {
                vm.tell(new VmActor.Request(walk.any(random, get(vm)), replies.getRef()));
                replies.receiveMessage();
            }
            VmState lived = get(vm);
            kit.stop(vm);

            VmState folded = VmState.initial(vmId);
            for (Object event :
                    journal.persistedInStorage(VmActor.persistenceId(vmId).id())) {
                folded = folded.evolve((VmEvent) event);
            }
            assertThat(folded).as("seed %d, fold of the journal", seed).isEqualTo(lived);
            var again = alive(vmId, slow());
            assertThat(get(again)).as("seed %d, snapshot and replay", seed).isEqualTo(lived);
            kit.stop(again);
        }
    }

    private ActorRef<VmActor.Message> alive(VmSettings settings) {
        return alive(id, settings);
    }

    private ActorRef<VmActor.Message> alive(VmId vm, VmSettings settings) {
        return kit.spawn(VmActor.create(vm, shard.getRef(), sent, woken::add, settings));
    }

    private Generation steady(ActorRef<VmActor.Message> vm) {
        ask(vm, script.start());
        VmState after = ask(vm, script.started(new Generation(1)));
        assertThat(after.phase()).isEqualTo(VmPhase.STEADY);
        return after.generation();
    }

    private VmState ask(ActorRef<VmActor.Message> vm, VmCommand command) {
        vm.tell(new VmActor.Request(command, replies.getRef()));
        return accepted();
    }

    private VmState get(ActorRef<VmActor.Message> vm) {
        vm.tell(new VmActor.Get(replies.getRef()));
        return accepted();
    }

    private VmState accepted() {
        return ((VmActor.Accepted) replies.receiveMessage(Duration.ofSeconds(10))).vm();
    }

    /** Nothing is repeated and no deadline passes within a test. */
    private static VmSettings slow() {
        return settings(Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1));
    }

    private static VmSettings fast() {
        return settings(Duration.ofMillis(20), Duration.ofMillis(300), Duration.ofMillis(200));
    }

    private static VmSettings settings(Duration repeat, Duration deadline, Duration idle) {
        return new VmSettings(
                repeat,
                repeat.multipliedBy(2),
                deadline,
                deadline,
                deadline,
                idle,
                Duration.ofMillis(50),
                Duration.ofMillis(200),
                7,
                Duration.ofSeconds(5));
    }

    private static void awaitOrFail(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
