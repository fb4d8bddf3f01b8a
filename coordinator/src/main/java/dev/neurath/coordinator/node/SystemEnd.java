package dev.neurath.coordinator.node;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.PoisonPill;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a node's actor system, which comes although a peer is stopped or its network is gone.
 *
 * <p>Pekko 1 closes the connections to a peer that was declared gone by waiting for its answer, and its remoting waits without bound for all
 * connections (apache/pekko issue 3247; Pekko 2 bounds the wait). What has not ended by itself loses its connections here.
 */
final class SystemEnd {
    /** Pekko tells its peers what is left to tell within 1 s. */
    private static final Duration CUT_AFTER = Duration.ofSeconds(4);

    private static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(14);
    /** The children of Pekko's selectors: a listener or a connection each. */
    private static final String CONNECTIONS = "/system/IO-TCP/selectors/*/*";

    private static final Logger LOG = LoggerFactory.getLogger(SystemEnd.class);

    private SystemEnd() {}

    /**
     * To be called once a system, when it was started.
     *
     * @return completes with true when the system has ended, with false when it was told to and still is there long after that
     */
    static CompletionStage<Boolean> of(ActorSystem<?> system) {
        return of(system, CUT_AFTER, GIVEN_UP_AFTER);
    }

    static CompletionStage<Boolean> of(ActorSystem<?> system, Duration cutAfter, Duration givenUpAfter) {
        var ended = new CompletableFuture<Boolean>();
        system.getWhenTerminated().whenComplete((done, failure) -> ended.complete(true));
        CoordinatedShutdown.get(Adapter.toClassic(system))
                .addTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate(), "see-to-the-end", () -> {
                    after(cutAfter).execute(() -> {
                        if (!ended.isDone()) {
                            cutConnections(system);
                        }
                    });
                    after(givenUpAfter).execute(() -> ended.complete(false));
                    return CompletableFuture.completedFuture(Done.getInstance());
                });
        return ended;
    }

    private static void cutConnections(ActorSystem<?> system) {
        LOG.warn("The actor system has not ended; its connections are cut, in case a peer does not close them");
        Adapter.toClassic(system).actorSelection(CONNECTIONS).tell(PoisonPill.getInstance(), ActorRef.noSender());
    }

    /** Not the system's own scheduler, which ends with it. */
    private static Executor after(Duration time) {
        return CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS);
    }
}
