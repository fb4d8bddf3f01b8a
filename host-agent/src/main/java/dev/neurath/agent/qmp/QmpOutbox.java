package dev.neurath.agent.qmp;

import dev.neurath.agent.os.FdMessage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jnr.unixsocket.UnixSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Commands waiting to leave and commands waiting for their answers; not thread-safe, its connection locks it.
 *
 * <p>At most {@value #IN_FLIGHT} in-band commands are unanswered at a time. QEMU stops reading a monitor with eight queued
 * commands, and an out-of-band command sent then would wait with them.
 */
final class QmpOutbox {
    static final int IN_FLIGHT = 4;

    private final Deque<QmpCall> waiting = new ArrayDeque<>();
    private final Map<String, QmpCall> inFlight = new LinkedHashMap<>();
    private @Nullable QmpCall leaving;

    void add(QmpCall call) {
        if (call.outOfBand) {
            waiting.addFirst(call);
        } else {
            waiting.addLast(call);
        }
    }

    /** Writes what may leave now; true when the socket is full and must be waited for. */
    boolean write(UnixSocketChannel channel) throws IOException {
        while (true) {
            if (leaving == null) {
                leaving = next();
            }
            QmpCall call = leaving;
            if (call == null) {
                return false;
            }
            inFlight.put(call.id, call);
            if (!writeSome(channel, call)) {
                return true;
            }
            leaving = null;
        }
    }

    /** The call that this answer belongs to, once; null for an id that was never sent. */
    @Nullable
    QmpCall answered(String id) {
        return inFlight.remove(id);
    }

    /** Withdraws a command of which no byte has left; false when it is too late for that. */
    boolean withdraw(QmpCall call) {
        if (call.bytes.position() > 0) {
            return false;
        }
        if (leaving == call) {
            leaving = null;
        }
        inFlight.remove(call.id);
        waiting.remove(call);
        return true;
    }

    /** Empties it. */
    List<QmpCall> removeAll() {
        List<QmpCall> all = new ArrayList<>(inFlight.values());
        all.addAll(waiting);
        inFlight.clear();
        waiting.clear();
        leaving = null;
        return all;
    }

    private @Nullable QmpCall next() {
        QmpCall first = waiting.peek();
        if (first == null) {
            return null;
        }
        long inBand = inFlight.values().stream().filter(call -> !call.outOfBand).count();
        // QEMU keeps only the descriptors that came last, until a command takes them: one such command at a time.
        boolean fdInFlight = inFlight.values().stream().anyMatch(call -> call.passedFd != QmpCall.NO_FD);
        if (!first.outOfBand && (inBand >= IN_FLIGHT || (fdInFlight && first.passedFd != QmpCall.NO_FD))) {
            return null;
        }
        return waiting.poll();
    }

    private static boolean writeSome(UnixSocketChannel channel, QmpCall call) throws IOException {
        if (call.passedFd != QmpCall.NO_FD && call.bytes.position() == 0) {
            call.bytes.position(FdMessage.send(channel.getFD(), call.bytes.array(), call.passedFd));
        }
        while (call.bytes.hasRemaining()) {
            if (call.passedFd != QmpCall.NO_FD && call.bytes.position() == 0) {
                return false;
            }
            if (channel.write(call.bytes) == 0) {
                return false;
            }
        }
        return true;
    }
}
