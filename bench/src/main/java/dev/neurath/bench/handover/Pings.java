package dev.neurath.bench.handover;

import dev.neurath.agent.os.Linux;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asks one guest for an echo every 10 ms, and keeps when each request left and when its first answer was seen. Each request goes out on every device at once, as
 * a switch sends it that does not know yet behind which the guest is: where there are two, a guest may move from one to the other.
 */
final class Pings implements AutoCloseable {
    static final Duration PERIOD = Duration.ofMillis(10);
    /** An answer that comes later is none. */
    static final Duration PATIENCE = Duration.ofSeconds(1);
    /** As many as there are numbers on the wire: 11 minutes. */
    private static final int MOST = 1 << 16;

    private static final int POLL_MILLIS = 50;

    private final List<PacketSocket> wires = new ArrayList<>();
    private final long[] sent = new long[MOST];
    private final long[] answered = new long[MOST];
    private final List<Thread> threads = new ArrayList<>();
    private int count;
    private @Nullable Exception failure;
    private volatile boolean closing;

    /**
     * What became of the pings of a stretch of time.
     *
     * @param lost not answered within {@link #PATIENCE}
     * @param silenceMillis the longest time between two answers, of which one came within the stretch
     */
    record Seen(int sent, int lost, double silenceMillis) {}

    private interface Work {
        void once() throws IOException;
    }

    Pings(List<TapDevice> devices) throws IOException {
        for (TapDevice device : devices) {
            wires.add(PacketSocket.on(device.name()));
        }
        run("pings", new Sender());
        run("pongs", this::receive);
    }

    private void run(String name, Work work) {
        threads.add(Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                while (!closing) {
                    work.once();
                }
            } catch (IOException | RuntimeException e) {
                synchronized (this) {
                    failure = e;
                }
            }
        }));
    }

    private final class Sender implements Work {
        private long next = System.nanoTime();

        @Override
        public void once() throws IOException {
            for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            // What this machine was too busy to send is not sent in a heap afterwards.
            next = Math.max(next + PERIOD.toNanos(), System.nanoTime());
            int number;
            synchronized (Pings.this) {
                if (count == MOST) {
                    throw new IOException("this guest was asked for all the echoes that there are numbers for");
                }
                number = count++;
                sent[number] = System.nanoTime();
            }
            byte[] frame = Frames.echoRequest(number);
            for (PacketSocket wire : wires) {
                wire.send(frame);
            }
        }
    }

    private void receive() throws IOException {
        boolean[] ready =
                Linux.pollReadable(wires.stream().mapToInt(PacketSocket::fd).toArray(), POLL_MILLIS);
        long now = System.nanoTime();
        for (int i = 0; i < ready.length; i++) {
            PacketSocket wire = wires.get(i);
            for (byte[] frame = ready[i] ? wire.receive() : new byte[0]; frame.length > 0; frame = wire.receive()) {
                OptionalInt number = Frames.answered(frame);
                if (number.isPresent()) {
                    answered(number.getAsInt(), now);
                }
                var introduction = Frames.introduction(frame);
                if (introduction.isPresent()) {
                    wire.send(introduction.get());
                }
            }
        }
    }

    private synchronized void answered(int number, long now) {
        if (answered[number] == 0) {
            answered[number] = now;
            notifyAll();
        }
    }

    /** Until the guest answers at all. */
    synchronized void awaitAnswer(Duration limit) throws IOException, InterruptedException {
        int before = count;
        long end = System.nanoTime() + limit.toNanos();
        while (answersSince(before) == 0) {
            if (failure != null) {
                throw new IOException("the guest cannot be asked for echoes", failure);
            }
            if (System.nanoTime() - end > 0) {
                throw new IOException("the guest answers no echo request within " + limit);
            }
            wait(100);
        }
    }

    private int answersSince(int number) {
        int answers = 0;
        for (int i = number; i < count; i++) {
            answers += answered[i] != 0 ? 1 : 0;
        }
        return answers;
    }

    /** Of the pings that left within a stretch by {@link System#nanoTime}; waits until the last of them have been answered or never will be. */
    synchronized Seen between(long from, long to) throws IOException, InterruptedException {
        long end = to + PATIENCE.toNanos();
        while (System.nanoTime() - end < 0) {
            wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
        if (failure != null) {
            throw new IOException("the guest could not be asked for echoes any more", failure);
        }
        return seen(from, to, sent, answered, count);
    }

    static Seen seen(long from, long to, long[] sent, long[] answered, int count) {
        int asked = 0;
        int lost = 0;
        var arrivals = new ArrayList<Long>();
        for (int i = 0; i < count; i++) {
            boolean heard = answered[i] != 0 && answered[i] - sent[i] <= PATIENCE.toNanos();
            if (sent[i] - from >= 0 && sent[i] - to < 0) {
                asked++;
                lost += heard ? 0 : 1;
            }
            if (answered[i] != 0) {
                arrivals.add(answered[i]);
            }
        }
        arrivals.sort(Long::compare);
        long silence = 0;
        long last = from;
        for (long arrival : arrivals) {
            if (arrival - from >= 0) {
                silence = Math.max(silence, arrival - last);
            }
            last = arrival;
            if (arrival - to >= 0) {
                break;
            }
        }
        // A guest that never answers again is not one without gaps.
        return new Seen(asked, lost, Math.max(silence, to - last) / 1e6);
    }

    @Override
    public void close() throws IOException {
        closing = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (PacketSocket wire : wires) {
            wire.close();
        }
    }
}
