package dev.neurath.agent.qmp;

import dev.neurath.agent.os.Linux;
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
import java.util.function.Consumer;
import jnr.enxio.channels.NativeSelectorProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that reads from every QEMU of the host, and the one that keeps the time limits.
 *
 * <p>Channels are registered, changed and closed on the reading thread only: a descriptor number closed elsewhere could be
 * another socket's by the time the selector looks at it. What fails for one connection ends that one. If the thread itself cannot go on, the process ends:
 * an agent that hears no QEMU can end no pause, and its next start recovers what is open.
 */
public final class QmpLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QmpLoop.class);

    /** EX_SOFTWARE of sysexits.h. */
    private static final int EXIT_WITHOUT_QMP = 70;

    private final AbstractSelector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awake = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor timers;
    private final Consumer<Throwable> died;
    private volatile boolean stopping;

    /** What the loop serves. */
    interface Ready {
        void ready(SelectionKey key);

        /** An error of ours in {@link #ready}. */
        void failed(RuntimeException why);

        void loopEnded();
    }

    public QmpLoop() throws IOException {
        // Not by System.exit: nothing that would be told to end in order can be waited for.
        this(death -> Runtime.getRuntime().halt(EXIT_WITHOUT_QMP));
    }

    /** @param died told when no QEMU can be heard any more */
    QmpLoop(Consumer<Throwable> died) throws IOException {
        this.died = died;
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

    /** How many limits are being kept. */
    int pending() {
        return timers.getQueue().size();
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
            Linux.takeShortTurns();
            while (!stopping) {
                runTasks();
                selector.select();
                awake.set(false);
                List<SelectionKey> ready = new ArrayList<>(selector.selectedKeys());
                selector.selectedKeys().clear();
                for (SelectionKey key : ready) {
                    serve((Ready) key.attachment(), key);
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            LOG.error("No QEMU can be heard any more: the thread that reads from all of them failed", e);
            died.accept(e);
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

    private static void serve(Ready ready, SelectionKey key) {
        try {
            ready.ready(key);
        } catch (RuntimeException e) {
            ready.failed(e);
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("A task of a QMP connection failed; the others go on", e);
            }
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
