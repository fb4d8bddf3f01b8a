package dev.neurath.bench.feed;

import dev.neurath.bench.Samples;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * When each event of a stretch was asked for, was durable and arrived, on this machine's one monotonic clock. Events go round a fixed number of VMs, so
 * that subject and sequence tell which one it is.
 */
final class Stamps {
    /** Enough that no VM waits for its own last append. */
    static final int VMS = 1000;

    private final String name;
    private final int events;
    private final AtomicLongArray asked;
    private final AtomicLongArray durable;
    private final AtomicLongArray arrived;
    private final CountDownLatch missing;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** @param name in the ids of the VMs, so that no two stretches share one */
    Stamps(String name, int events) {
        this.name = name;
        this.events = events;
        this.asked = new AtomicLongArray(events);
        this.durable = new AtomicLongArray(events);
        this.arrived = new AtomicLongArray(events);
        this.missing = new CountDownLatch(2 * events);
    }

    int events() {
        return events;
    }

    String persistenceId(int number) {
        return "vm|" + name + number % VMS;
    }

    static long sequence(int number) {
        return number / VMS + 1L;
    }

    void asked(int number) {
        asked.set(number, System.nanoTime());
    }

    void durable(String persistenceId, long sequence) {
        stamp(durable, persistenceId, sequence);
    }

    void arrived(String subject, long sequence) {
        stamp(arrived, subject, sequence);
    }

    /** @param id {@code vm|NAME7} or {@code vm/NAME7}; others are not of this stretch */
    private void stamp(AtomicLongArray into, String id, long sequence) {
        if (id.startsWith("vm") && id.startsWith(name, 3)) {
            int number = (int) (sequence - 1) * VMS + Integer.parseInt(id.substring(3 + name.length()));
            if (!into.compareAndSet(number, 0, System.nanoTime())) {
                throw new IllegalStateException(id + "#" + sequence + " came twice");
            }
            missing.countDown();
        }
    }

    /** Nothing more is waited for. */
    void fail(Throwable cause) {
        if (failure.compareAndSet(null, cause)) {
            for (long left = missing.getCount(); left > 0; left--) {
                missing.countDown();
            }
        }
    }

    void awaitAll(Duration limit) throws IOException, InterruptedException {
        boolean all = missing.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        if (!all || failure.get() != null) {
            throw new IOException(missing.getCount() + " stamps of " + events + " events are missing", failure.get());
        }
    }

    /** Whoever hears of an event before the writer hears of its commit has waited for nothing. */
    Samples commitToClientMillis(int from) {
        var millis = new Samples();
        for (int i = from; i < events; i++) {
            millis.add(Math.max(0, arrived.get(i) - durable.get(i)) / 1e6);
        }
        return millis;
    }

    Samples appendToClientMillis(int from) {
        var millis = new Samples();
        for (int i = from; i < events; i++) {
            millis.add((arrived.get(i) - asked.get(i)) / 1e6);
        }
        return millis;
    }

    /** What was really offered. */
    double perSecond(int from) {
        return (events - 1 - from) * 1e9 / (asked.get(events - 1) - asked.get(from));
    }
}
