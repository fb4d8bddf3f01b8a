package dev.neurath.host;

import dev.neurath.model.Decision;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostCommand;
import dev.neurath.model.host.HostEffect;
import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.host.HostRules;
import dev.neurath.model.host.HostState;
import dev.neurath.model.host.Session;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.persistence.events.UnreadableHistory;
import dev.neurath.persistence.kryo.NodeMessage;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.Question;
import java.util.List;
import java.util.Map;
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
 * One host, alive on one node of the cluster: says which session of its agent counts, and passes orders to that one only.
 *
 * <p>Which session counts is durable before the agent is welcomed; where it is reached is not, and is learned from the session itself, which makes itself
 * heard all the time. An order for a host without a reachable session is dropped: the VM repeats it. A session that does not count any more is ended as
 * soon as it makes itself heard.
 *
 * <p>What is decided is {@link HostRules}'; what becomes of the VMs is theirs.
 */
public final class HostActor extends EventSourcedBehavior<HostActor.Message, HostEvent, HostState> {
    private static final EventHandler<HostState, HostEvent> EVOLVE = HostState::evolve;

    /** What a host hears. */
    public sealed interface Message extends NodeMessage {}

    /** A command whose sender waits for the answer; repeated, it is harmless. */
    public record Request(HostCommand command, ActorRef<Reply> replyTo) implements Message {}

    /** A command that nobody waits for. */
    public record Tell(HostCommand command) implements Message {}

    public record Get(ActorRef<Reply> replyTo) implements Message {}

    /** Come to life and repeat what is due. */
    public record Wake() implements Message {}

    /** For this host's agent. */
    public record Order(VmId vm, VmOrder order) implements Message {}

    /**
     * For this host's agent: it may forget this fact.
     *
     * @param disowned why the fact will never count; null if it did, or if what follows from it is durable already
     */
    public record Acknowledge(
            VmId vm, FactStamp stamp, @Nullable Refusal disowned) implements Message {}

    /** A question to this host's agent, answered Proved or Unavailable; losing it loses nothing. */
    public record Prove(ProofWanted wanted, ActorRef<Reply> replyTo) implements Message {}
    /** For this host's agent, which answers {@code replyTo} itself; refused at once without a session. */
    public record Ask(Question question, ActorRef<Reply> replyTo) implements Message {}

    /** An agent said Hello; answered with Welcomed, Refused or TryElsewhere, or not at all if the event cannot be made durable. */
    record Connect(FleetId fleet, Session session, HostFacts facts, ActorRef<AgentSession.Message> agent)
            implements Message {}

    /** This session lives and is reached here; {@code facts} are its agent's newest. */
    record Alive(String session, HostFacts facts, ActorRef<AgentSession.Message> agent) implements Message {}

    /** From itself or from its shard: never leaves the node. */
    sealed interface Local extends Message {}

    record FloorsKnown(String session, Map<VmId, Generation> floors) implements Local {}

    record FloorsUnknown(String session, String reason) implements Local {}

    enum SilenceCheckDue implements Local {
        INSTANCE
    }

    enum RepeatDue implements Local {
        INSTANCE
    }

    enum IdleDue implements Local {
        INSTANCE
    }

    enum Leave implements Local {
        INSTANCE
    }

    /** What a host answers. */
    public sealed interface Reply extends NodeMessage {}

    /** @param fresh the newest facts of the live session, which are not durable; null without one */
    public record Accepted(HostState host, @Nullable HostFacts fresh) implements Reply {}

    /** Nothing was changed. */
    public record Refused(Refusal refusal) implements Reply {}

    /** What the agent found out; nothing was changed. */
    public record Proved(Proof proof) implements Reply {}
    /** What the agent said to {@link Ask}. */
    public record Answered(Answer answer) implements Reply {}

    /** Nobody knows whether it happened: ask again, with the same command. */
    public record Unavailable(String reason) implements Reply {}

    /** Where the live session is reached. */
    private record Reached(String session, ActorRef<AgentSession.Message> agent, HostFacts facts) {}

    /** Calls a host back to life wherever the cluster places it. */
    interface Waker {
        void wake(HostId host);
    }

    private final ActorContext<Message> context;
    private final HostId id;
    private final FleetId fleet;
    private final ActorRef<ClusterSharding.ShardCommand> shard;
    private final HostPorts ports;
    private final Waker waker;
    private final HostSettings settings;
    private final UnreadableHistory<Message> history;
    private @Nullable Reached reached;
    private @Nullable ActorRef<Reply> asking;
    private List<Cancellable> timers = List.of();
    private boolean sessionHeard;
    private boolean spokenTo;

    private HostActor(
            ActorContext<Message> context,
            HostId id,
            FleetId fleet,
            ActorRef<ClusterSharding.ShardCommand> shard,
            HostPorts ports,
            Waker waker,
            HostSettings settings,
            UnreadableHistory<Message> history) {
        super(persistenceId(id), backoff(settings));
        this.history = history;
        this.context = context;
        this.id = id;
        this.fleet = fleet;
        this.shard = shard;
        this.ports = ports;
        this.waker = waker;
        this.settings = settings;
    }

    static Behavior<Message> create(
            HostId id,
            FleetId fleet,
            ActorRef<ClusterSharding.ShardCommand> shard,
            HostPorts ports,
            Waker waker,
            HostSettings settings) {
        Behavior<Message> host = UnreadableHistory.guard(
                Message.class,
                "Host " + id,
                new UnreadableHost(id, waker),
                history -> Behaviors.setup(
                        context -> new HostActor(context, id, fleet, shard, ports, waker, settings, history)));
        return Behaviors.supervise(host).onFailure(Exception.class, backoff(settings));
    }

    private static BackoffSupervisorStrategy backoff(HostSettings settings) {
        return SupervisorStrategy.restartWithBackoff(settings.restartBackoff(), settings.restartBackoffMax(), 0.2)
                .withLogLevel(Level.WARN);
    }

    public static PersistenceId persistenceId(HostId id) {
        return PersistenceId.ofUniqueId("host|" + id);
    }

    @Override
    public HostState emptyState() {
        return HostState.initial(id, fleet);
    }

    @Override
    public EventHandler<HostState, HostEvent> eventHandler() {
        return EVOLVE;
    }

    @Override
    public CommandHandler<Message, HostEvent, HostState> commandHandler() {
        return this::onMessage;
    }

    @Override
    public RetentionCriteria retentionCriteria() {
        return RetentionCriteria.snapshotEvery(settings.snapshotEvery(), 2);
    }

    @Override
    public SignalHandler<HostState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), this::onRecovered)
                .onSignal(RecoveryFailed.class, (host, failed) -> history.failed(failed.getFailure()))
                .onSignal(JournalPersistFailed.class, (host, failed) -> answerUnavailable(failed.getFailure()))
                .onSignal(JournalPersistRejected.class, (host, rejected) -> answerUnavailable(rejected.getFailure()))
                .onSignal(PreRestart.instance(), host -> stopTimers())
                .onSignal(PostStop.instance(), host -> stopTimers())
                .build();
    }

    private Effect<HostEvent, HostState> onMessage(HostState host, Message message) {
        spokenTo |= !(message instanceof Local);
        return switch (message) {
            case Request request -> decide(host, request.command(), request.replyTo());
            case Tell tell -> decide(host, tell.command(), null);
            case Get get -> {
                get.replyTo().tell(new Accepted(host, fresh(host)));
                yield Effect().none();
            }
            case Wake wake -> Effect().none();
            case Order order -> {
                Reached agent = live(host);
                if (agent != null) {
                    agent.agent().tell(new AgentSession.Order(agent.session(), order.vm(), order.order()));
                }
                yield Effect().none();
            }
            case Acknowledge acknowledge -> {
                Reached agent = live(host);
                if (agent != null) {
                    agent.agent()
                            .tell(new AgentSession.Acknowledge(
                                    acknowledge.vm(), acknowledge.stamp(), acknowledge.disowned()));
                }
                yield Effect().none();
            }
            case Prove prove -> {
                Reached agent = live(host);
                if (agent == null) {
                    prove.replyTo().tell(new Unavailable("host %s has no session".formatted(id)));
                } else {
                    agent.agent().tell(new AgentSession.Prove(agent.session(), prove.wanted(), prove.replyTo()));
                }
                yield Effect().none();
            }
            case Ask ask -> {
                ask(host, ask);
                yield Effect().none();
            }
            case Connect connect -> connect(host, connect);
            case Alive alive -> {
                hear(host, alive);
                yield Effect().none();
            }
            case FloorsKnown known -> {
                if (reached != null && reached.session().equals(known.session())) {
                    reached.agent().tell(new AgentSession.Welcomed(known.floors()));
                }
                yield Effect().none();
            }
            case FloorsUnknown unknown -> {
                if (reached != null && reached.session().equals(unknown.session())) {
                    // The whole host waits for one VM: an agent with a new log takes its floors once, and without this
                    // VM's one would carry out an old order of it.
                    context.getLog().warn("Host {} is not welcomed: {}", id, unknown.reason());
                    reached.agent().tell(new AgentSession.TryElsewhere(unknown.reason()));
                }
                yield Effect().none();
            }
            case SilenceCheckDue due -> checkSilence(host);
            case RepeatDue due -> {
                run(HostRules.effectsDue(host), null);
                yield Effect().none();
            }
            case IdleDue due -> {
                if (!spokenTo && rests(host)) {
                    shard.tell(new ClusterSharding.Passivate<>(context.getSelf()));
                }
                spokenTo = false;
                yield Effect().none();
            }
            case Leave leave -> {
                if (!rests(host)) {
                    waker.wake(id);
                }
                yield Effect().stop();
            }
        };
    }

    private Effect<HostEvent, HostState> decide(
            HostState host, HostCommand command, @Nullable ActorRef<Reply> replyTo) {
        return switch (HostRules.decide(host, command)) {
            case Decision.Refused<HostEvent, HostEffect> refused -> {
                if (replyTo != null) {
                    replyTo.tell(new Refused(refused.refusal()));
                }
                yield Effect().none();
            }
            case Decision.Accepted<HostEvent, HostEffect> accepted -> {
                asking = replyTo;
                yield Effect().persist(accepted.events()).thenRun(after -> {
                    asking = null;
                    if (replyTo != null) {
                        replyTo.tell(new Accepted(after, fresh(after)));
                    }
                    run(accepted.effects(), null);
                });
            }
        };
    }

    private void ask(HostState host, Ask ask) {
        Reached agent = live(host);
        if (agent == null) {
            ask.replyTo()
                    .tell(new Refused(Refusal.of(
                            "HOST_UNREACHABLE",
                            "Host %s is not connected, so its agent cannot be asked.".formatted(id),
                            "neurath host show " + id)));
        } else {
            agent.agent().tell(new AgentSession.Ask(agent.session(), ask.question(), ask.replyTo()));
        }
    }

    private Effect<HostEvent, HostState> connect(HostState host, Connect connect) {
        var command = new HostCommand.Connect(connect.fleet(), connect.session(), connect.facts());
        return switch (HostRules.decide(host, command)) {
            case Decision.Refused<HostEvent, HostEffect> refused -> {
                connect.agent().tell(new AgentSession.Refused(refused.refusal()));
                yield Effect().none();
            }
            case Decision.Accepted<HostEvent, HostEffect> accepted ->
                Effect().persist(accepted.events()).thenRun(() -> run(accepted.effects(), connect));
        };
    }

    private void run(List<HostEffect> effects, @Nullable Connect connecting) {
        for (HostEffect effect : effects) {
            switch (effect) {
                case HostEffect.EndSession end -> {
                    // Not reached from here: it is ended when it makes itself heard.
                    if (reached != null && reached.session().equals(end.session())) {
                        reached.agent().tell(new AgentSession.Replaced(end.why()));
                    }
                }
                case HostEffect.Welcome welcome -> {
                    if (connecting != null) {
                        welcome(welcome, connecting);
                    }
                }
                case HostEffect.DeclareVmsDead dead ->
                    dead.vms().forEach(vm -> ports.declareDead(id, vm, dead.evidence(), dead.by()));
            }
        }
    }

    private void welcome(HostEffect.Welcome welcome, Connect connecting) {
        String session = welcome.session().id();
        reached = new Reached(session, connecting.agent(), connecting.facts());
        sessionHeard = true;
        // For every agent, not only one with a new log: whether a welcome of an earlier session with this log arrived
        // is not known.
        context.pipeToSelf(
                ports.floors(id, welcome.vms()),
                (floors, failure) -> failure == null
                        ? new FloorsKnown(session, floors)
                        : new FloorsUnknown(session, "the VMs of host %s cannot be asked: %s".formatted(id, failure)));
    }

    private void hear(HostState host, Alive alive) {
        if (isLive(host, alive.session())) {
            reached = new Reached(alive.session(), alive.agent(), alive.facts());
            sessionHeard = true;
        } else {
            alive.agent()
                    .tell(new AgentSession.Replaced(Refusal.of(
                            "SESSION_REPLACED",
                            "Session %s of host %s does not count any more.".formatted(alive.session(), id),
                            "dial again")));
        }
    }

    private Effect<HostEvent, HostState> checkSilence(HostState host) {
        boolean silent = host.phase() == HostPhase.CONNECTED && !sessionHeard;
        sessionHeard = false;
        Session session = host.session();
        if (!silent || session == null) {
            return Effect().none();
        }
        return decide(
                host,
                new HostCommand.LoseSession(
                        session.id(),
                        "the node that holds it was not heard for %s".formatted(settings.sessionSilence())),
                null);
    }

    private void onRecovered(HostState host) {
        history.recovered();
        reached = null;
        // The time that nobody was there does not count as silence.
        sessionHeard = true;
        spokenTo = false;
        var self = context.getSelf();
        var scheduler = context.getSystem().scheduler();
        var executor = context.getExecutionContext();
        timers = List.of(
                scheduler.scheduleWithFixedDelay(
                        settings.sessionSilence(),
                        settings.sessionSilence(),
                        () -> self.tell(SilenceCheckDue.INSTANCE),
                        executor),
                scheduler.scheduleWithFixedDelay(
                        settings.repeatInterval(),
                        settings.repeatInterval(),
                        () -> self.tell(RepeatDue.INSTANCE),
                        executor),
                scheduler.scheduleWithFixedDelay(
                        settings.idleAfter(), settings.idleAfter(), () -> self.tell(IdleDue.INSTANCE), executor));
        run(HostRules.effectsDue(host), null);
    }

    private @Nullable Reached live(HostState host) {
        return reached != null && isLive(host, reached.session()) ? reached : null;
    }

    private @Nullable HostFacts fresh(HostState host) {
        Reached agent = live(host);
        return agent == null ? null : agent.facts();
    }

    private static boolean isLive(HostState host, String session) {
        return host.phase() == HostPhase.CONNECTED
                && host.session() != null
                && host.session().id().equals(session);
    }

    /** Nothing is due, and no session has to be watched. */
    private static boolean rests(HostState host) {
        return host.phase() != HostPhase.CONNECTED && HostRules.effectsDue(host).isEmpty();
    }

    private void answerUnavailable(Throwable cause) {
        if (asking != null) {
            asking.tell(new Unavailable(
                    "host %s could not make its event durable (%s); nobody knows whether it happened: ask again"
                            .formatted(id, cause.getMessage())));
            asking = null;
        }
    }

    private void stopTimers() {
        timers.forEach(Cancellable::cancel);
        timers = List.of();
    }
}
