package dev.neurath.agent.log;

import java.util.Map;
import java.util.TreeMap;

/**
 * One thing that a hand-over must remember.
 *
 * @param details what belongs to it, by name: role, identities, paths, outcome
 */
public record LogRecord(Kind kind, long generation, Map<String, String> details) {
    /** DURABLE ones survive the host's power, the others survive what both QEMUs survive: the agent's end. */
    public enum Kind {
        FLOOR(true),
        BEGIN(true),
        SWITCH(false),
        COMMIT(false),
        UNDO(false),
        QUARANTINE(false),
        DONE(true);

        private final boolean durable;

        Kind(boolean durable) {
            this.durable = durable;
        }

        public boolean durable() {
            return durable;
        }
    }

    public LogRecord {
        details = Map.copyOf(details);
    }

    public static LogRecord of(Kind kind, long generation) {
        return new LogRecord(kind, generation, Map.of());
    }

    Map<String, String> sortedDetails() {
        return new TreeMap<>(details);
    }
}
