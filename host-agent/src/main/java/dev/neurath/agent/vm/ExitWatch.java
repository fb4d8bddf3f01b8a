package dev.neurath.agent.vm;

import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells, within {@link #PERIOD}, that a watched process has ended. One thread for all of them; each is told of once. */
public final class ExitWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExitWatch.class);
    private static final Duration PERIOD = Duration.ofMillis(200);

    private record Watched(PidFd process, Runnable ended) {}

    private final Map<ProcessIdentity, Watched> watched = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock;

    public ExitWatch() {
        clock = Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("exit-watch").unstarted(task));
        var unused = clock.scheduleWithFixedDelay(this::look, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** @param ended called once, on the watch's thread; at once if it has ended already */
    public void watch(ProcessIdentity identity, Runnable ended) throws IOException {
        Optional<PidFd> process = PidFd.open(identity);
        if (process.isEmpty()) {
            ended.run();
            return;
        }
        if (watched.putIfAbsent(identity, new Watched(process.get(), ended)) != null) {
            process.get().close();
        }
    }

    public void forget(ProcessIdentity identity) {
        // Closed on the watch's own thread: a descriptor closed while it is being looked at could be another file's by
        // then.
        clock.execute(() -> {
            Watched gone = watched.remove(identity);
            if (gone != null) {
                close(gone);
            }
        });
    }

    private void look() {
        watched.forEach((identity, process) -> {
            try {
                if (process.process().exited() && watched.remove(identity, process)) {
                    close(process);
                    process.ended().run();
                }
            } catch (IOException | RuntimeException e) {
                LOG.warn("Process {} could not be watched this time", identity.pid(), e);
            }
        });
    }

    private static void close(Watched process) {
        try {
            process.process().close();
        } catch (IOException e) {
            LOG.warn("A process descriptor did not close", e);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        watched.values().forEach(ExitWatch::close);
        watched.clear();
    }
}
