package dev.neurath.host;

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
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;

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
    private final SecureRandom random = new SecureRandom();
    private final Set<ActorRef<AgentSession.Message>> sessions = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    private AgentLink(ActorSystem<?> system, AgentSession.Node node) {
        this.system = system;
        this.node = node;
    }

    /** @param name of this node, told to agents */
    public static AgentLink create(
            ActorSystem<?> system, String name, HostActors hosts, HostPorts ports, ReleaseSource releases) {
        var settings = LinkSettings.of(system.settings().config());
        return create(system, new AgentSession.Node(name, hosts, ports, releases, settings));
    }

    static AgentLink create(ActorSystem<?> system, AgentSession.Node node) {
        return new AgentLink(system, node);
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
                AgentSession.create(node, new StreamWire(call), id), "agent-session-" + id, Props.empty());
        sessions.add(session);
        call.setOnReadyHandler(() -> session.tell(AgentSession.Writable.INSTANCE));
        call.setOnCancelHandler(() -> {
            sessions.remove(session);
            session.tell(new AgentSession.StreamEnded("the agent's stream was cut"));
        });
        call.setOnCloseHandler(() -> sessions.remove(session));
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
