package dev.neurath.agent.qmp;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jnr.enxio.channels.NativeSelectorProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that reads from every QEMU of the host, and the one that keeps the time limits.
 *
 * <p>Channels are registered, changed and closed on the reading thread only: a descriptor number closed elsewhere could be
 * another socket's by the time the selector looks at it.
 */
public final class QmpLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QmpLoop.class);

    private final AbstractSelector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awake = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor timers;
    private volatile boolean stopping;

    /** What the loop serves. */
    interface Ready {
        void ready(SelectionKey key);

        void loopEnded();
    }

    public QmpLoop() throws IOException {
        selector = NativeSelectorProvider.getInstance().openSelector();
        timers = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().daemon().name("qmp-timers").unstarted(task));
        timers.setRemoveOnCancelPolicy(true);
        Thread.ofPlatform().daemon().name("qmp-loop").start(this::run);
    }

    /** Runs the task on the reading thread, soon. */
    void execute(Runnable task) {
        tasks.add(task);
        // One wake-up at a time: each writes a byte into a pipe that only the reading thread empties.
        if (awake.compareAndSet(false, true)) {
            selector.wakeup();
        }
    }

    ScheduledFuture<?> after(long nanos, Runnable task) {
        return timers.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /** Like after, for what never needs to be withdrawn. */
    @SuppressWarnings("FutureReturnValueIgnored")
    void later(long nanos, Runnable task) {
        timers.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    boolean stopping() {
        return stopping;
    }

    AbstractSelector selector() {
        return selector;
    }

    @Override
    public void close() {
        stopping = true;
        execute(() -> {});
    }

    private void run() {
        try {
            while (!stopping) {
                runTasks();
                selector.select();
                awake.set(false);
                List<SelectionKey> ready = new ArrayList<>(selector.selectedKeys());
                selector.selectedKeys().clear();
                for (SelectionKey key : ready) {
                    ((Ready) key.attachment()).ready(key);
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("QMP connections are lost: their reading thread failed", e);
        } finally {
            stopping = true;
            for (SelectionKey key : new ArrayList<>(selector.keys())) {
                ((Ready) key.attachment()).loopEnded();
            }
            runTasks();
            timers.shutdownNow();
            closeSelector();
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void closeSelector() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.warn("the QMP selector did not close", e);
        }
    }
}
