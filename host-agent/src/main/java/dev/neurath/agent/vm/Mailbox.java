package dev.neurath.agent.vm;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One VM's mailbox: what is posted is done one at a time, in order. A failure is logged and ends nothing but its own message. */
final class Mailbox {
    private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);

    /** Work on a VM. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    private final String name;
    private final ExecutorService thread;

    Mailbox(String name) {
        this.name = name;
        this.thread =
                Executors.newSingleThreadExecutor(Thread.ofVirtual().name(name).factory());
    }

    void post(Work work) {
        if (!thread.isShutdown()) {
            thread.execute(() -> run(work));
        }
    }

    /** Posts and waits. Never call it from the mailbox's own thread. */
    void call(Work work) throws IOException {
        try {
            thread.submit(() -> {
                        work.run();
                        return true;
                    })
                    .get();
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
