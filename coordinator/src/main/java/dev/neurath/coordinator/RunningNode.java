package dev.neurath.coordinator;

import dev.neurath.coordinator.node.Node;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the node that runs, whichever that is, when the process is told to end (SIGTERM, SIGINT), and then ends with 0: the JVM itself would end
 * with the signal's number although everything was put in order.
 */
final class RunningNode {
    /** Longer than leaving the cluster and stopping an embedded database may take together. */
    private static final Duration CLEAN_UP = Duration.ofSeconds(40);

    private static final Logger LOG = LoggerFactory.getLogger(RunningNode.class);

    private final CountDownLatch cleanedUp = new CountDownLatch(1);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private @Nullable Node node;

    /** A node that starts while the process is told to end is stopped at once. */
    void is(Node started) throws InterruptedException {
        boolean late;
        synchronized (this) {
            node = started;
            late = isStopping();
        }
        if (late) {
            started.stop();
        }
    }

    boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /** Returns at once when the process is told to end. */
    void awaitStopping(Duration longest) throws InterruptedException {
        if (stopping.await(longest.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.debug("Told to end while no node was running");
        }
    }

    /** The main thread has let go of everything. */
    void cleanedUp() {
        cleanedUp.countDown();
    }

    void stopAndHalt() {
        if (cleanedUp.getCount() == 0) {
            return; // The main thread ends the process itself, with its own code.
        }
        Node running;
        synchronized (this) {
            stopping.countDown();
            running = node;
        }
        try {
            if (running != null) {
                running.stop();
            }
            if (!cleanedUp.await(CLEAN_UP.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("Not everything was put in order within {} s", CLEAN_UP.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }
}
