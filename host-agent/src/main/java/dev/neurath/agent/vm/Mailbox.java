package dev.neurath.agent.vm;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One VM's mailbox: what is posted is done one at a time, in order. A failure is logged and ends nothing but its own message. Its thread is the system's
 * own while there is work: system calls that last would hold a carrier that another guest's pause may need.
 */
final class Mailbox {
    private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);
    private static final Duration IDLE = Duration.ofSeconds(10);

    /** Work on a VM. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    private final String name;
    private final ThreadPoolExecutor thread;

    Mailbox(String name) {
        this.name = name;
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                IDLE.toNanos(),
                TimeUnit.NANOSECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name(name).factory());
        thread.allowCoreThreadTimeOut(true);
    }

    void post(Work work) {
        try {
            thread.execute(() -> run(work));
        } catch (RejectedExecutionException closed) {
            LOG.debug("{}: the agent ends; its next start looks at everything anew", name, closed);
        }
    }

    /** Once the pause is over; what failed at once would fail at once again. */
    void postAfter(Duration pause, Work work) {
        CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> post(work));
    }

    /** Posts; a failure is for {@link #await} and is not logged. */
    Future<?> submit(Work work) {
        return thread.submit(() -> {
            work.run();
            return true;
        });
    }

    /** Posts and waits. Never call it from the mailbox's own thread. */
    void call(Work work) throws IOException {
        await(submit(work));
    }

    /** Never call it from the mailbox's own thread. */
    void await(Future<?> submitted) throws IOException {
        try {
            submitted.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(name + " was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        }
    }

    private void run(Work work) {
        try {
            work.run();
        } catch (IOException | RuntimeException e) {
            LOG.error("{}: a message failed; whoever sent it will repeat it", name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public void close() throws InterruptedException {
        thread.shutdown();
        if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
            thread.shutdownNow();
        }
    }
}
