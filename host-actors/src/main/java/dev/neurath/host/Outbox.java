package dev.neurath.host;

import dev.neurath.proto.v1.ToAgent;
import java.util.ArrayDeque;

/** What waits for an agent that reads slower than we write: in order, and never more than the limit. */
final class Outbox {
    private final Wire wire;
    private final int limit;
    private final ArrayDeque<ToAgent> waiting = new ArrayDeque<>();

    Outbox(Wire wire, int limit) {
        this.wire = wire;
        this.limit = limit;
    }

    /** @return false if the agent is too far behind: nothing was taken */
    boolean add(ToAgent message) {
        if (waiting.size() >= limit) {
            return false;
        }
        waiting.add(message);
        flush();
        return true;
    }

    void flush() {
        while (!waiting.isEmpty() && wire.isReady()) {
            wire.send(waiting.remove());
        }
    }
}
