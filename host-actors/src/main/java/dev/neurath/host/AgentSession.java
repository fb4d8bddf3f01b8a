package dev.neurath.host;

import dev.neurath.codec.HostCodec;
import dev.neurath.codec.MalformedMessage;
import dev.neurath.codec.VmCodec;
import dev.neurath.codec.VmFactCodec;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostCommand;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.host.LinkVersions;
import dev.neurath.model.host.Session;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.persistence.kryo.NodeMessage;
import dev.neurath.proto.v1.FactReport;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.Hello;
import dev.neurath.proto.v1.Question;
import dev.neurath.proto.v1.ToAgent;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * One stream of one agent, on the node that it dialed: Hello, then Welcome, then orders down and facts up until one side goes.
 *
 * <p>Nothing but Hello is heard before the host's actor welcomed this session, and no order leaves before it or under another session's id. A fact is
 * never acknowledged here: that comes from the VM, when its event is durable. Memory is bounded both ways: one more message is asked of the agent when one
 * is done with, and an agent that does not read is cut off.
 *
 * <p>Whether this agent may speak for its host is {@link HostActor}'s to say.
 */
final class AgentSession extends AbstractBehavior<AgentSession.Message> {
    /** What this node speaks on the link; an agent that speaks none of these is turned away. */
    static final LinkVersions SPOKEN = new LinkVersions(1, 1);

    /** What a session hears. */
    sealed interface Message extends NodeMessage {}

    /** This session counts: everything that came before it does not. */
    record Welcomed(Map<VmId, Generation> floors) implements Message {}

    /** This agent may not speak for its host. */
    record Refused(Refusal why) implements Message {}

    /** This session does not count any more. */
    record Replaced(Refusal why) implements Message {}

    /** Nothing is wrong with the agent, but this did not work. */
    record TryElsewhere(String reason) implements Message {}

    /** @param session that the order is for: another one's is dropped */
    record Order(String session, VmId vm, VmOrder order) implements Message {}

    /** @param disowned why the fact will never count; null if it did */
    record Acknowledge(VmId vm, FactStamp stamp, @Nullable Refusal disowned) implements Message {}

    /** A question that the agent answers when it has found out; forgotten with the session. */
    record Prove(String session, ProofWanted wanted, ActorRef<HostActor.Reply> replyTo) implements Message {}
    /** @param session as of an order; the agent's answer goes to {@code replyTo}, and none comes if the session ends before */
    record Ask(String session, Question question, ActorRef<HostActor.Reply> replyTo) implements Message {}

    /** From its own stream, node and timers: never leaves the node. */
    sealed interface Local extends Message {}

    record Heard(FromAgent message) implements Local {}

    record StreamEnded(String reason) implements Local {}

    record Stop(String reason) implements Local {}

    enum Writable implements Local {
        INSTANCE
    }

    enum ReleasesChanged implements Local {
        INSTANCE
    }

    enum HelloTimedOut implements Local {
        INSTANCE
    }

    enum HeartbeatDue implements Local {
        INSTANCE
    }

    /** What all sessions of a node share. */
    record Node(String name, Hosts hosts, HostPorts ports, ReleaseSource releases, LinkSettings settings) {}

    private enum Stage {
        HELLO_AWAITED,
        WELCOME_AWAITED,
        LIVE,
        ENDED
    }

    private final Node node;
    private final Wire wire;
    private final String id;
    private final @Nullable HostId proven;
    private final Outbox outbox;
    private final TimerScheduler<Message> timers;
    private final Questions questions = new Questions();
    private Stage stage = Stage.HELLO_AWAITED;
    private @Nullable HostId host;
    private int agreed;
    private @Nullable HostFacts facts;
    private ReleaseSource.@Nullable Registration releases;
    private Duration silent = Duration.ZERO;

    private AgentSession(
            ActorContext<Message> context,
            TimerScheduler<Message> timers,
            Node node,
            Wire wire,
            String id,
            @Nullable HostId proven) {
        super(context);
        this.node = node;
        this.wire = wire;
        this.id = id;
        this.proven = proven;
        this.timers = timers;
        outbox = new Outbox(wire, node.settings().queueLimit());
        timers.startSingleTimer(HelloTimedOut.INSTANCE, node.settings().helloTimeout());
        wire.requestOne();
    }

    /** @param proven the only host that this agent may name, by its certificate; null where nothing is proven */
    static Behavior<Message> create(Node node, Wire wire, String id, @Nullable HostId proven) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new AgentSession(context, timers, node, wire, id, proven)));
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Message.class, this::onMessage)
                .onSignal(PostStop.class, signal -> onStopped())
                .build();
    }

    private Behavior<Message> onMessage(Message message) {
        return switch (message) {
            case Heard heard -> hear(heard.message());
            case Welcomed welcomed -> welcome(welcomed.floors());
            case Refused refused -> end(LinkEnd.refused(refused.why()));
            case Replaced replaced -> end(LinkEnd.replaced(replaced.why()));
            case TryElsewhere elsewhere -> end(LinkEnd.unavailable(elsewhere.reason()));
            case Order order -> order(order);
            case Ask ask -> ask(ask);
            case Acknowledge acknowledge -> stage == Stage.LIVE ? send(ToAgents.acknowledged(acknowledge)) : this;
            case Prove prove -> prove(prove);
            case Writable writable -> {
                outbox.flush();
                yield this;
            }
            case ReleasesChanged changed ->
                stage == Stage.LIVE ? send(ToAgents.releases(node.releases().current())) : this;
            case HeartbeatDue due -> heartbeat();
            case HelloTimedOut timedOut ->
                stage == Stage.LIVE
                        ? this
                        : end(LinkEnd.unavailable(
                                "no welcome within " + node.settings().helloTimeout() + "; the stage was " + stage));
            case Stop stop -> end(LinkEnd.unavailable(stop.reason()));
            case StreamEnded ended -> {
                lose(ended.reason());
                stage = Stage.ENDED;
                yield Behaviors.stopped();
            }
        };
    }

    private Behavior<Message> hear(FromAgent message) {
        silent = Duration.ZERO;
        try {
            Behavior<Message> next = switch (message.getMessageCase()) {
                case HELLO -> hello(message.getHello());
                case FACT -> fact(message.getFact());
                case HEARTBEAT ->
                    stage == Stage.LIVE
                            ? send(ToAgents.heartbeat(message.getHeartbeat()))
                            : end(LinkEnd.malformed("heartbeat before Welcome"));
                case ANSWER -> {
                    questions.answered(message.getAnswer());
                    yield this;
                }
                case HOST_FACTS -> {
                    facts = HostCodec.decode(message.getHostFacts());
                    yield this;
                }
                case PROVED -> {
                    questions.answered(message.getProved());
                    yield this;
                }
                // An agent says only what the agreed version has, so this is a mistake, whatever build it is of: what
                // it meant would be lost without a trace.
                case MESSAGE_NOT_SET ->
                    throw new MalformedMessage("FromAgent.message", "is missing, or not of version " + agreed);
            };
            wire.requestOne();
            return next;
        } catch (MalformedMessage e) {
            return end(LinkEnd.malformed(String.valueOf(e.getMessage())));
        }
    }

    private Behavior<Message> hello(Hello hello) {
        if (stage != Stage.HELLO_AWAITED) {
            return end(LinkEnd.malformed("a second Hello on one stream"));
        }
        LinkVersions offered = offered(hello);
        OptionalInt newest = SPOKEN.newestInCommon(offered);
        if (newest.isEmpty()) {
            return end(LinkEnd.refused(Refusal.of(
                    "LINK_VERSION",
                    "The agent of host %s speaks %s of the link, this node speaks %s."
                            .formatted(hello.getHost(), offered, SPOKEN),
                    "upgrade all nodes first, then the agents")));
        }
        HostId named = id(hello.getHost());
        if (proven != null && !proven.equals(named)) {
            return end(LinkEnd.notAllowed(Refusal.of(
                    "CERTIFICATE_OF_ANOTHER_HOST",
                    "The certificate is for host %s, and the agent says that it is host %s's.".formatted(proven, named),
                    "start it with --host %s, or issue it a certificate: neurath ca issue --role agent --name %s"
                            .formatted(proven, named))));
        }
        FleetId fleet = fleet(hello.getFleet());
        facts = HostCodec.decode(hello.getFacts());
        questions.agentCan(hello.getAbilitiesList());
        host = named;
        agreed = newest.getAsInt();
        stage = Stage.WELCOME_AWAITED;
        var session = new Session(
                id, hello.getIncarnation(), hello.getBootId(), hello.getLogUuid(), hello.getAgentVersion(), agreed);
        node.hosts()
                .tell(
                        named,
                        new HostActor.Connect(
                                fleet, session, facts, getContext().getSelf()));
        return this;
    }

    private Behavior<Message> welcome(Map<VmId, Generation> floors) {
        if (stage != Stage.WELCOME_AWAITED) {
            return this;
        }
        stage = Stage.LIVE;
        timers.startTimerWithFixedDelay(HeartbeatDue.INSTANCE, node.settings().heartbeatInterval());
        var self = getContext().getSelf();
        releases = node.releases().onChange(() -> self.tell(ReleasesChanged.INSTANCE));
        send(ToAgents.welcome(id, node.name(), agreed, node.settings().silenceLimit(), floors));
        return send(ToAgents.releases(node.releases().current()));
    }

    private Behavior<Message> fact(FactReport report) {
        if (stage != Stage.LIVE || host == null) {
            return end(LinkEnd.malformed("a fact before Welcome"));
        }
        if (!report.hasStamp() || !report.hasFact()) {
            throw new MalformedMessage(report.hasStamp() ? "FactReport.fact" : "FactReport.stamp", "is missing");
        }
        node.ports()
                .fact(
                        host,
                        vm(report.getVm()),
                        VmCodec.decode(report.getStamp()),
                        VmFactCodec.decode(report.getFact()));
        return this;
    }

    private Behavior<Message> order(Order order) {
        return stage == Stage.LIVE && order.session().equals(id)
                ? send(ToAgents.order(order, node.settings().startBefore(order.order())))
                : this;
    }

    private Behavior<Message> prove(Prove prove) {
        if (stage != Stage.LIVE || !prove.session().equals(id)) {
            return this;
        }
        return questions.asked(prove).map(this::send).orElse(this);
    }

    private Behavior<Message> ask(Ask ask) {
        if (stage != Stage.LIVE || !ask.session().equals(id)) {
            return this;
        }
        return questions.asked(ask).map(this::send).orElse(this);
    }

    private Behavior<Message> heartbeat() {
        silent = silent.plus(node.settings().heartbeatInterval());
        if (silent.compareTo(node.settings().silenceLimit()) > 0) {
            return end(LinkEnd.unavailable(
                    "nothing was heard of the agent for " + node.settings().silenceLimit()));
        }
        if (host != null && facts != null) {
            node.hosts().tell(host, new HostActor.Alive(id, facts, getContext().getSelf()));
        }
        return this;
    }

    private Behavior<Message> send(ToAgent message) {
        return outbox.add(message) ? this : end(LinkEnd.tooSlow(node.settings().queueLimit()));
    }

    private Behavior<Message> end(StatusException why) {
        if (stage != Stage.ENDED) {
            wire.end(why);
            lose(String.valueOf(why.getMessage()));
            stage = Stage.ENDED;
        }
        return Behaviors.stopped();
    }

    /** The host's actor ignores it if this session never counted or does not any more. */
    private void lose(String reason) {
        if (host != null && stage != Stage.ENDED) {
            node.hosts().tell(host, new HostActor.Tell(new HostCommand.LoseSession(id, reason)));
        }
    }

    private Behavior<Message> onStopped() {
        questions.ended();
        if (releases != null) {
            releases.close();
        }
        // Stopped by a failure or by the node's end: the stream must not outlive its session.
        if (stage != Stage.ENDED) {
            wire.end(LinkEnd.unavailable("the node ended the session"));
            lose("the node ended the session");
            stage = Stage.ENDED;
        }
        return this;
    }

    private static LinkVersions offered(Hello hello) {
        try {
            return LinkVersions.said(hello.getOldestLinkVersion(), hello.getLinkVersion());
        } catch (IllegalArgumentException e) {
            throw new MalformedMessage("Hello.oldest_link_version", String.valueOf(e.getMessage()));
        }
    }

    private static HostId id(String value) {
        try {
            return new HostId(value);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessage("Hello.host", String.valueOf(e.getMessage()));
        }
    }

    private static FleetId fleet(String value) {
        try {
            return new FleetId(value);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessage("Hello.fleet", String.valueOf(e.getMessage()));
        }
    }

    private static VmId vm(String value) {
        try {
            return new VmId(value);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessage("FactReport.vm", String.valueOf(e.getMessage()));
        }
    }
}
