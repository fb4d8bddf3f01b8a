package dev.neurath.agent.qmp;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hands replies and events of one connection over, in the order in which they came, on one virtual thread of its own.
 *
 * <p>So a continuation that blocks holds up its own VM and nobody else's.
 */
final class QmpInbox {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("qmp-inbox").factory());
    private final AtomicInteger pending = new AtomicInteger();
    private final int bound;

    QmpInbox(int bound) {
        this.bound = bound;
    }

    /** False when too much waits already. */
    boolean offer(Runnable delivery) {
        if (pending.incrementAndGet() > bound) {
            pending.decrementAndGet();
            return false;
        }
        submit(delivery);
        return true;
    }

    /** The last delivery; never refused. */
    void finish(Runnable delivery) {
        pending.incrementAndGet();
        submit(delivery);
        thread.shutdown();
    }

    private void submit(Runnable delivery) {
        thread.execute(() -> {
            pending.decrementAndGet();
            delivery.run();
        });
    }
}
