package dev.neurath.persistence.nodes;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Which nodes were silent all the time that this node has been looking.
 *
 * <p>Silence is witnessed, not computed from timestamps: right after the database was away, or after a clock's jump, every
 * row looks old, also those of nodes that live. What counts is that a row did not change over a whole period of this node's
 * own steady clock, during which the database was there to be written to. A gap in the looking starts the period anew.
 */
final class SilenceWitness {
    private final long silenceNanos;
    private final Map<String, Seen> seen = new HashMap<>();
    private long lastLookNanos;

    private record Seen(UUID incarnation, long beats, long sinceNanos) {}

    SilenceWitness(Duration silence) {
        this.silenceNanos = silence.toNanos();
    }

    /**
     * @param beforeNanos steady clock before the rows were asked for
     * @param afterNanos and after they were there
     */
    void look(List<NodeRow> rows, long beforeNanos, long afterNanos) {
        if (beforeNanos - lastLookNanos > silenceNanos / 2) {
            seen.clear();
        }
        Map<String, Seen> now = new HashMap<>();
        for (NodeRow row : rows) {
            Seen earlier = seen.get(row.address());
            boolean unchanged = earlier != null
                    && earlier.incarnation().equals(row.incarnation())
                    && earlier.beats() == row.beats();
            now.put(row.address(), unchanged ? earlier : new Seen(row.incarnation(), row.beats(), afterNanos));
        }
        seen.clear();
        seen.putAll(now);
        lastLookNanos = beforeNanos;
    }

    /** At the time of the last look. */
    boolean silent(NodeRow row) {
        Seen entry = seen.get(row.address());
        return entry != null && lastLookNanos - entry.sinceNanos() >= silenceNanos;
    }
}
