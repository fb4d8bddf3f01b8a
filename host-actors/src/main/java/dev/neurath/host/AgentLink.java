package dev.neurath.host;

import dev.neurath.model.HostId;
import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.ToAgent;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.jspecify.annotations.Nullable;

/**
 * The door for agents: gRPC service neurath.v1.AgentLink, one {@link AgentSession} per stream. Add it to a server.
 *
 * <p>A session's id cannot be guessed: knowing it is what tells the orders of the session that counts from all others.
 */
public final class AgentLink extends AgentLinkGrpc.AgentLinkImplBase {
    /** 128 bits, as a UUID has. */
    private static final int SESSION_ID_BYTES = 16;

    private final ActorSystem<?> system;
    private final AgentSession.Node node;
    private final Supplier<@Nullable HostId> provenHost;
    private final SecureRandom random = new SecureRandom();
    private final Set<ActorRef<AgentSession.Message>> sessions = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    private AgentLink(ActorSystem<?> system, AgentSession.Node node, Supplier<@Nullable HostId> provenHost) {
        this.system = system;
        this.node = node;
        this.provenHost = provenHost;
    }

    /**
     * @param name of this node, told to agents
     * @param provenHost asked in each call: the host that the calling agent has proven to speak for; null where nothing is proven
     */
    public static AgentLink create(
            ActorSystem<?> system,
            String name,
            HostActors hosts,
            HostPorts ports,
            ReleaseSource releases,
            Supplier<@Nullable HostId> provenHost) {
        var settings = LinkSettings.of(system.settings().config());
        return create(system, new AgentSession.Node(name, hosts, ports, releases, settings), provenHost);
    }

    static AgentLink create(ActorSystem<?> system, AgentSession.Node node, Supplier<@Nullable HostId> provenHost) {
        return new AgentLink(system, node, provenHost);
    }

    /** Ends every stream; the agents dial another node. */
    public void stop() {
        stopped = true;
        sessions.forEach(session -> session.tell(new AgentSession.Stop("this node stops")));
    }

    /** @return streams that are open on this node, welcomed or not */
    public int openStreams() {
        return sessions.size();
    }

    @Override
    public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> toAgent) {
        var call = (ServerCallStreamObserver<ToAgent>) toAgent;
        // One message at a time, asked for when the one before is done with: otherwise gRPC reads as fast as it can,
        // into the session's mailbox.
        call.disableAutoRequest();
        String id = newSessionId();
        ActorRef<AgentSession.Message> session = system.systemActorOf(
                AgentSession.create(node, new StreamWire(call), id, provenHost.get()),
                "agent-session-" + id,
                Props.empty());
        sessions.add(session);
        call.setOnReadyHandler(() -> session.tell(AgentSession.Writable.INSTANCE));
        call.setOnCancelHandler(() -> {
            sessions.remove(session);
            session.tell(new AgentSession.StreamEnded("the agent's stream was cut"));
        });
        call.setOnCloseHandler(() -> {
            sessions.remove(session);
            // Mostly it was the session that ended it, and hears this no more.
            session.tell(new AgentSession.StreamEnded("the stream was ended"));
        });
        if (stopped) {
            session.tell(new AgentSession.Stop("this node stops"));
        }
        return new FromAgents(session);
    }

    private String newSessionId() {
        byte[] bytes = new byte[SESSION_ID_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** What the agent sends, handed to its session as it comes. */
    private record FromAgents(ActorRef<AgentSession.Message> session) implements StreamObserver<FromAgent> {
        @Override
        public void onNext(FromAgent message) {
            session.tell(new AgentSession.Heard(message));
        }

        @Override
        public void onError(Throwable failure) {
            session.tell(new AgentSession.StreamEnded("the agent's stream failed: " + failure.getMessage()));
        }

        @Override
        public void onCompleted() {
            session.tell(new AgentSession.Stop("the agent ended its stream"));
        }
    }

    private record StreamWire(ServerCallStreamObserver<ToAgent> call) implements Wire {
        @Override
        public boolean isReady() {
            return call.isReady();
        }

        @Override
        public void send(ToAgent message) {
            if (!call.isCancelled()) {
                call.onNext(message);
            }
        }

        @Override
        public void requestOne() {
            call.request(1);
        }

        @Override
        public void end(StatusException why) {
            if (!call.isCancelled()) {
                call.onError(why);
            }
        }
    }
}
