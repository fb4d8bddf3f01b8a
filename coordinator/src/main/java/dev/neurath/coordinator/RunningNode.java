package dev.neurath.coordinator;

import dev.neurath.coordinator.node.Node;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stops the node that runs, whichever that is, when the process is told to end (SIGTERM, SIGINT), and then ends with 0: the JVM itself would end
 * with the signal's number although everything was put in order.
 */
final class RunningNode {
    /** Longer than leaving the cluster and stopping an embedded database may take together. */
    private static final Duration CLEAN_UP = Duration.ofSeconds(40);

    private final CountDownLatch cleanedUp = new CountDownLatch(1);
    private @Nullable Node node;
    private boolean stopping;

    /** A node that starts while the process is told to end is stopped at once. */
    void is(Node started) throws InterruptedException {
        boolean late;
        synchronized (this) {
            node = started;
            late = stopping;
        }
        if (late) {
            started.stop();
        }
    }

    synchronized boolean isStopping() {
        return stopping;
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
            stopping = true;
            running = node;
        }
        try {
            if (running != null) {
                running.stop();
            }
            cleanedUp.await(CLEAN_UP.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }
}
