package dev.neurath.coordinator.traces;

import dev.neurath.coordinator.fleet.VmChanges;
import dev.neurath.model.FleetId;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands ended attempts to a collector, in batches, on a thread of its own: nobody else ever waits for it.
 *
 * <p>What waits is bounded, by number and by age. What the collector does not take is offered again until it is too old; what is dropped is counted. What
 * is refused is offered again by halves, down to one, so that a trace that is never taken holds up few others, and those not for long.
 *
 * <p>Every node gathers, one exports ({@link ExportDuty}). The others keep what ended lately, and one that takes over begins with that: what the node
 * before it told already is told again, as the same traces. A node that starts leaves out what ended long ago.
 */
public final class TraceExport implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TraceExport.class);

    /** Attempts in one request: some hundred spans, below 500 kB. */
    private static final int BATCH = 100;
    /** The exporter itself gives up earlier. */
    private static final Duration ANSWER = Duration.ofSeconds(15);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);
    /** A node that stops waits no longer for its collector. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    /**
     * @param most attempts that wait for a collector
     * @param keep how long they do
     */
    public record Settings(int most, Duration keep) {}

    private final SpanExporter collector;
    private final TraceCounts counts;
    private final Settings settings;
    private final InstantSource clock;
    private final OpenAttempts open;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<EndedAttempt> waiting = new ArrayDeque<>();
    private boolean onDuty;
    private boolean closing;

    private TraceExport(
            FleetId fleet, SpanExporter collector, TraceCounts counts, Settings settings, InstantSource clock) {
        this.collector = collector;
        this.counts = counts;
        this.settings = settings;
        this.clock = clock;
        this.open = new OpenAttempts(fleet, this::add);
        this.thread = Thread.ofPlatform().name("neurath-traces").daemon().unstarted(this::run);
    }

    /** @param collector closed with it */
    public static TraceExport start(
            FleetId fleet, SpanExporter collector, TraceCounts counts, Settings settings, InstantSource clock) {
        var export = new TraceExport(fleet, collector, counts, settings, clock);
        export.thread.start();
        return export;
    }

    /** To be told of every change of the fleet's VMs, from the journal's first event on. */
    public VmChanges vmChanges() {
        return open;
    }

    /** From now on it is this node that exports. */
    void takeOver() {
        setOnDuty(true);
    }

    /** From now on it is another one. */
    void handOn() {
        setOnDuty(false);
    }

    private void setOnDuty(boolean duty) {
        lock.lock();
        try {
            // By the duty until now: what grew old while another node exported is not counted here.
            dropOld();
            onDuty = duty;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void add(EndedAttempt ended) {
        lock.lock();
        try {
            if (isTooOld(ended)) {
                return;
            }
            waiting.addLast(ended);
            if (waiting.size() > settings.most()) {
                // Not the first, behind which one that was refused may have gone.
                waiting.remove(Collections.min(waiting, Comparator.comparing(EndedAttempt::ended)));
                dropped(1, TraceCounts.Cause.TOO_MANY);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isTooOld(EndedAttempt ended) {
        Instant oldest = clock.instant().minus(settings.keep());
        return ended.ended().isBefore(oldest);
    }

    private void dropOld() {
        int before = waiting.size();
        waiting.removeIf(this::isTooOld);
        dropped(before - waiting.size(), TraceCounts.Cause.TOO_OLD);
    }

    /** Of a node that is not on duty nobody misses anything. */
    private void dropped(int traces, TraceCounts.Cause cause) {
        if (onDuty && traces > 0) {
            counts.dropped(traces, cause);
        }
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        boolean refused = false;
        int most = BATCH;
        try {
            for (List<EndedAttempt> batch = next(most); !batch.isEmpty(); batch = next(most)) {
                Optional<String> refusal = send(batch);
                if (refusal.isPresent()) {
                    if (!refused) {
                        LOG.warn(
                                "The collector does not take traces, which are offered again for {} s: {}",
                                settings.keep().toSeconds(),
                                refusal.get());
                    }
                    refused = true;
                    most = Math.max(1, batch.size() / 2);
                    if (isClosingAfter(pause)) {
                        return;
                    }
                    pause = longer(pause);
                } else if (refused) {
                    LOG.info("The collector takes traces again");
                    refused = false;
                    most = BATCH;
                    pause = FIRST_PAUSE;
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("The node stops; what was not exported is told again by the one that takes over");
        }
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }

    /** Waits for something to export; it goes on waiting until it {@link #leave}s. */
    private List<EndedAttempt> next(int most) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                dropOld();
                if (onDuty && !waiting.isEmpty()) {
                    return waiting.stream().limit(most).toList();
                }
                if (closing) {
                    return List.of();
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** @return why the collector did not take it; empty if it did */
    private Optional<String> send(List<EndedAttempt> batch) {
        var spans = new ArrayList<SpanData>();
        var made = new ArrayList<EndedAttempt>();
        for (EndedAttempt ended : batch) {
            try {
                spans.addAll(UpgradeTrace.of(ended));
                made.add(ended);
            } catch (RuntimeException e) {
                LOG.error("No trace can be made of {}", ended.key(), e);
                counts.dropped(leave(List.of(ended)), TraceCounts.Cause.NOT_MADE);
            }
        }
        Optional<String> refusal = made.isEmpty() ? Optional.empty() : offer(spans);
        if (refusal.isEmpty()) {
            counts.exported(leave(made));
        } else if (made.size() == 1) {
            goToTheEnd(made.getFirst());
        }
        return refusal;
    }

    private Optional<String> offer(List<SpanData> spans) {
        CompletableResultCode answer;
        try {
            answer = collector.export(spans).join(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RuntimeException e) {
            // A mistake of the library's, or of ours, with these spans: it must not end the thread, and with it all
            // that comes after.
            return Optional.of(told(e));
        }
        return answer.isSuccess() ? Optional.empty() : Optional.of(told(answer.getFailureThrowable()));
    }

    private static String told(@Nullable Throwable thrown) {
        Throwable failure = thrown;
        // Under what the client wraps it in.
        while (failure != null && failure.getCause() != null && !(failure instanceof IOException)) {
            failure = failure.getCause();
        }
        return failure == null ? "it said no, or nothing in time" : failure.toString();
    }

    private void goToTheEnd(EndedAttempt refused) {
        lock.lock();
        try {
            // It may have been dropped meanwhile.
            if (waiting.removeFirstOccurrence(refused)) {
                waiting.addLast(refused);
            }
        } finally {
            lock.unlock();
        }
    }

    /** @return how many of them still waited */
    private int leave(List<EndedAttempt> gone) {
        lock.lock();
        try {
            int before = waiting.size();
            for (EndedAttempt ended : gone) {
                // The oldest may have been dropped meanwhile.
                waiting.removeFirstOccurrence(ended);
            }
            return before - waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for {@code pause}. @return true at once if the node stops: it offers nothing twice then */
    private boolean isClosingAfter(Duration pause) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = pause.toNanos();
            while (!closing && left > 0) {
                left = changed.awaitNanos(left);
            }
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** Offers what waits a last time, for a short while. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (!thread.join(LAST_WORDS)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        collector.shutdown();
    }
}
