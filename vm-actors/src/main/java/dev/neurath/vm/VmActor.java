package dev.neurath.vm;

import dev.neurath.model.Decision;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEffect;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmRules;
import dev.neurath.model.vm.VmState;
import dev.neurath.persistence.events.UnreadableHistory;
import dev.neurath.persistence.kryo.NodeMessage;
import java.util.List;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.BackoffSupervisorStrategy;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.persistence.typed.JournalPersistFailed;
import org.apache.pekko.persistence.typed.JournalPersistRejected;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.RecoveryFailed;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * One VM, alive on one node of the cluster: asks {@link VmRules} what a command leads to, makes the events durable, answers, and then acts.
 *
 * <p>Nothing is answered, acknowledged or ordered before the event that it follows from is durable. While the VM waits for its agent, what is due is
 * repeated; after a recovery it is run again. An append that fails is answered with Unavailable, because nobody knows whether it happened, and the VM
 * starts anew from its journal.
 *
 * <p>What is decided is {@link VmRules}'; where effects go is {@link VmPorts}'; who wakes a waiting VM after its node died is the coordinator's.
 */
public final class VmActor extends EventSourcedBehavior<VmActor.Message, VmEvent, VmState> {
    private static final EventHandler<VmState, VmEvent> EVOLVE = VmState::evolve;

    /** What a VM hears. */
    public sealed interface Message extends NodeMessage {}

    /** A command whose sender waits for the answer; repeated, it is harmless. */
    public record Request(VmCommand command, ActorRef<Reply> replyTo) implements Message {}

    /** A command that nobody waits for: a fact's answer is its acknowledgement. */
    public record Tell(VmCommand command) implements Message {}

    /** Answered with Accepted, for a VM that was never started too: it is ABSENT. */
    public record Get(ActorRef<Reply> replyTo) implements Message {}

    /** Come to life and repeat what is due. */
    public record Wake() implements Message {}

    /** From its own timer, from its shard, or from its own idleness: never leaves the node. */
    sealed interface Local extends Message {}

    enum RepeatDue implements Local {
        INSTANCE
    }

    record DeadlineDue(Generation generation, VmPhase phase) implements Local {}

    record FreezeAnswered(VmCommand.Report report, boolean durable) implements Local {}

    enum IdleDue implements Local {
        INSTANCE
    }

    enum Leave implements Local {
        INSTANCE
    }

    /** What a VM answers. */
    public sealed interface Reply extends NodeMessage {}

    /** Durable. */
    public record Accepted(VmState vm) implements Reply {}

    /** Nothing was changed. */
    public record Refused(Refusal refusal) implements Reply {}

    /** Nobody knows whether it happened: ask again, with the same command. */
    public record Unavailable(String reason) implements Reply {}

    /** Calls a VM back to life wherever the cluster places it. */
    interface Waker {
        void wake(VmId vm);
    }

    private final ActorContext<Message> context;
    private final VmId id;
    private final ActorRef<ClusterSharding.ShardCommand> shard;
    private final VmPorts ports;
    private final Waker waker;
    private final VmSettings settings;
    private final UnreadableHistory<Message> history;
    private @Nullable Waiting waiting;
    private @Nullable ActorRef<Reply> asking;
    private @Nullable Cancellable idle;
    private boolean spokenTo;

    private VmActor(
            ActorContext<Message> context,
            VmId id,
            ActorRef<ClusterSharding.ShardCommand> shard,
            VmPorts ports,
            Waker waker,
            VmSettings settings,
            UnreadableHistory<Message> history) {
        super(persistenceId(id), backoff(settings));
        this.history = history;
        this.context = context;
        this.id = id;
        this.shard = shard;
        this.ports = ports;
        this.waker = waker;
        this.settings = settings;
    }

    static Behavior<Message> create(
            VmId id, ActorRef<ClusterSharding.ShardCommand> shard, VmPorts ports, Waker waker, VmSettings settings) {
        Behavior<Message> vm = UnreadableHistory.guard(
                Message.class,
                "VM " + id,
                new UnreadableVm(id, waker),
                history ->
                        Behaviors.setup(context -> new VmActor(context, id, shard, ports, waker, settings, history)));
        return Behaviors.supervise(vm).onFailure(Exception.class, backoff(settings));
    }

    private static BackoffSupervisorStrategy backoff(VmSettings settings) {
        return SupervisorStrategy.restartWithBackoff(settings.restartBackoff(), settings.restartBackoffMax(), 0.2)
                .withLogLevel(Level.WARN);
    }

    public static PersistenceId persistenceId(VmId id) {
        return PersistenceId.ofUniqueId("vm|" + id);
    }

    @Override
    public VmState emptyState() {
        return VmState.initial(id);
    }

    @Override
    public EventHandler<VmState, VmEvent> eventHandler() {
        return EVOLVE;
    }

    @Override
    public CommandHandler<Message, VmEvent, VmState> commandHandler() {
        return this::onMessage;
    }

    @Override
    public RetentionCriteria retentionCriteria() {
        return RetentionCriteria.snapshotEvery(settings.snapshotEvery(), 2);
    }

    @Override
    public SignalHandler<VmState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), this::onRecovered)
                .onSignal(RecoveryFailed.class, (vm, failed) -> history.failed(failed.getFailure()))
                .onSignal(JournalPersistFailed.class, (vm, failed) -> answerUnavailable(failed.getFailure()))
                .onSignal(JournalPersistRejected.class, (vm, rejected) -> answerUnavailable(rejected.getFailure()))
                .onSignal(PreRestart.instance(), vm -> stopTimers())
                .onSignal(PostStop.instance(), vm -> stopTimers())
                .build();
    }

    private Effect<VmEvent, VmState> onMessage(VmState vm, Message message) {
        spokenTo |= !(message instanceof Local);
        return switch (message) {
            case Request request -> decide(vm, request.command(), request.replyTo());
            case Tell tell -> decide(vm, tell.command(), null);
            case Get get -> {
                get.replyTo().tell(new Accepted(vm));
                yield Effect().none();
            }
            case Wake wake -> Effect().none();
            case RepeatDue due -> {
                resume(vm);
                if (waiting != null) {
                    waiting.repeatLater();
                }
                yield Effect().none();
            }
            case DeadlineDue due -> decide(vm, new VmCommand.DeadlinePassed(due.generation(), due.phase()), null);
            case FreezeAnswered answer ->
                answer.durable()
                        ? decide(vm, new VmCommand.FleetFrozen(answer.report()), null)
                        : Effect().none();
            case IdleDue due -> {
                if (!spokenTo && rests(vm)) {
                    shard.tell(new ClusterSharding.Passivate<>(context.getSelf()));
                }
                awaitIdleness();
                yield Effect().none();
            }
            case Leave leave -> {
                // The shard moves to another node, where nobody would think of this VM before somebody speaks to it.
                if (!rests(vm)) {
                    waker.wake(id);
                }
                yield Effect().stop();
            }
        };
    }

    private Effect<VmEvent, VmState> decide(VmState vm, VmCommand command, @Nullable ActorRef<Reply> replyTo) {
        return switch (VmRules.decide(vm, command)) {
            case Decision.Refused<VmEvent, VmEffect> refused -> {
                if (replyTo != null) {
                    replyTo.tell(new Refused(refused.refusal()));
                } else if (command instanceof VmCommand.Report report) {
                    disown(report, refused.refusal());
                } else {
                    context.getLog().debug("VM {} refused {}: {}", id, command, refused.refusal());
                }
                yield Effect().none();
            }
            case Decision.Accepted<VmEvent, VmEffect> accepted -> {
                asking = replyTo;
                yield Effect().persist(accepted.events()).thenRun(after -> {
                    asking = null;
                    if (replyTo != null) {
                        replyTo.tell(new Accepted(after));
                    }
                    run(after, accepted.effects());
                });
            }
        };
    }

    /**
     * It changes nothing, so nothing has to be durable. Should this be a node that does not know yet that the VM has moved, nothing is lost for good: what
     * the VM waits for is ordered again, and answered again.
     */
    private void disown(VmCommand.Report report, Refusal why) {
        context.getLog().warn("{}: {} It said: {}", why.code(), why.sentence(), report.fact());
        ports.disown(report.host(), id, report.stamp(), why);
    }

    private void onRecovered(VmState vm) {
        history.recovered();
        awaitIdleness();
        resume(vm);
    }

    /** What is due in this state, whoever ran it before: after a recovery, and again while nothing answers. */
    private void resume(VmState vm) {
        run(vm, VmRules.effectsDue(vm));
    }

    private void run(VmState vm, List<VmEffect> effects) {
        if (waiting != null && !waiting.isFor(vm)) {
            stopWaiting();
        }
        if (!rests(vm) && waiting == null) {
            waiting = new Waiting(context, settings, vm);
            waiting.repeatLater();
        }
        for (VmEffect effect : effects) {
            switch (effect) {
                case VmEffect.Order order -> ports.order(order.host(), id, order.order());
                case VmEffect.Acknowledge acknowledge -> ports.acknowledge(acknowledge.host(), id, acknowledge.stamp());
                case VmEffect.JournalBehind behind -> freezeFirst(behind);
                case VmEffect.Tell tell ->
                    ports.tellRollout(tell.rollout(), id, tell.attemptNumber(), tell.ended(), tell.pause());
                case VmEffect.AwaitDeadline await -> {
                    if (waiting != null) {
                        waiting.awaitDeadline(vm);
                    }
                }
            }
        }
    }

    /** Without an answer nothing is lost: the report was not acknowledged, and its agent repeats it. */
    private void freezeFirst(VmEffect.JournalBehind behind) {
        context.pipeToSelf(
                ports.journalBehind(behind.report().host(), id, behind.told(), behind.known()),
                (durable, failure) -> new FreezeAnswered(behind.report(), Boolean.TRUE.equals(durable)));
    }

    /** At rest nothing is due, so nothing is lost when the VM leaves the memory. */
    private static boolean rests(VmState vm) {
        return VmRules.effectsDue(vm).isEmpty();
    }

    private void answerUnavailable(Throwable cause) {
        if (asking != null) {
            asking.tell(new Unavailable(
                    "VM %s could not make its event durable (%s); nobody knows whether it happened: ask again"
                            .formatted(id, cause.getMessage())));
            asking = null;
        }
    }

    private void stopWaiting() {
        if (waiting != null) {
            waiting.end();
            waiting = null;
        }
    }

    private void awaitIdleness() {
        spokenTo = false;
        idle = context.scheduleOnce(settings.idleAfter(), context.getSelf(), IdleDue.INSTANCE);
    }

    private void stopTimers() {
        stopWaiting();
        if (idle != null) {
            idle.cancel();
        }
    }
}
