package dev.neurath.coordinator.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.SystemGuardian;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The waiting is what Pekko's remoting does: a part of the system that is asked before its end, and answers when its connections have ended. Pekko's
 * own gets there by a race of a few milliseconds.
 */
class SystemEndTest {
    private static final Duration SOON = Duration.ofMillis(300);
    private static final Duration LATE = Duration.ofSeconds(2);
    private static final Duration NEVER = Duration.ofSeconds(60);

    @Test
    @Timeout(90)
    void a_system_ends_although_it_waits_for_a_peer_that_closes_no_connection() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ActorSystem system = system();
            waitsFor(system, connectionTo(system, silent));
            CompletionStage<Boolean> end = SystemEnd.of(Adapter.toTyped(system), SOON, NEVER);
            system.terminate();
            assertThat(end.toCompletableFuture().get(30, TimeUnit.SECONDS)).isTrue();
            assertThat(system.whenTerminated().isCompleted()).isTrue();
        }
    }

    @Test
    @Timeout(90)
    void a_system_that_does_not_end_whatever_is_done_is_told() throws Exception {
        ActorSystem system = system();
        var answer = new CompletableFuture<Done>();
        waitsFor(system, answer);
        CompletionStage<Boolean> end = SystemEnd.of(Adapter.toTyped(system), SOON, LATE);
        system.terminate();
        assertThat(end.toCompletableFuture().get(30, TimeUnit.SECONDS)).isFalse();
        assertThat(system.whenTerminated().isCompleted()).isFalse();
        answer.complete(Done.getInstance());
        system.getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static ActorSystem system() {
        return ActorSystem.create(
                "end",
                ConfigFactory.parseResources(Node.class, "pekko.conf")
                        .withoutPath("pekko.actor.provider")
                        .withFallback(ConfigFactory.load()));
    }

    /** Taken by the kernel on the peer's behalf; nobody ever reads or closes it. */
    private static CompletionStage<Done> connectionTo(ActorSystem system, ServerSocket peer) throws Exception {
        Pair<CompletionStage<Tcp.OutgoingConnection>, CompletionStage<Done>> connection = Source.<ByteString>maybe()
                .viaMat(Tcp.get(system).outgoingConnection("127.0.0.1", peer.getLocalPort()), Keep.right())
                .toMat(Sink.ignore(), Keep.both())
                .run(system);
        connection.first().toCompletableFuture().get(30, TimeUnit.SECONDS);
        return connection.second();
    }

    /** Returns when it is known to the system: an end that was asked for before would wait for nobody. */
    private static void waitsFor(ActorSystem system, CompletionStage<Done> ended) throws Exception {
        var registered = new CompletableFuture<Done>();
        ((ExtendedActorSystem) system)
                .systemActorOf(Props.create(Remoting.class, () -> new Remoting(ended, registered)), "waits");
        registered.get(30, TimeUnit.SECONDS);
    }

    private static final class Remoting extends AbstractActor {
        private final CompletionStage<Done> ended;

        private final CompletableFuture<Done> registered;

        private Remoting(CompletionStage<Done> ended, CompletableFuture<Done> registered) {
            this.ended = ended;
            this.registered = registered;
        }

        @Override
        public void preStart() {
            ActorRef guardian =
                    ((ExtendedActorSystem) getContext().getSystem()).provider().systemGuardian();
            guardian.tell(SystemGuardian.RegisterTerminationHook$.MODULE$, getSelf());
            registered.complete(Done.getInstance());
        }

        @Override
        public Receive createReceive() {
            return receiveBuilder()
                    .matchEquals(SystemGuardian.TerminationHook$.MODULE$, asked -> {
                        ActorRef guardian = getSender();
                        ActorRef self = getSelf();
                        ended.whenComplete(
                                (done, failure) -> guardian.tell(SystemGuardian.TerminationHookDone$.MODULE$, self));
                    })
                    .build();
        }
    }
}
