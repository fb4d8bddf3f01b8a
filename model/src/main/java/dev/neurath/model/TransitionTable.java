package dev.neurath.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A state machine as data: one transition per row, at most one row per (phase, event). It is executed, drawn and checked; it says where an event
 * leads, never what the event means.
 *
 * @param <P> phase
 * @param <E> event
 */
public final class TransitionTable<P extends Enum<P>, E> {
    private final List<Transition<P, E>> rows;
    private final Map<P, Map<Class<?>, Transition<P, E>>> index = new HashMap<>();

    private TransitionTable(List<Transition<P, E>> rows) {
        this.rows = List.copyOf(rows);
        for (Transition<P, E> row : rows) {
            var before = index.computeIfAbsent(row.from(), p -> new HashMap<>()).put(row.on(), row);
            if (before != null) {
                throw new IllegalArgumentException("two rows for " + row.from() + " on " + row.label());
            }
        }
    }

    public static <P extends Enum<P>, E> Builder<P, E> builder() {
        return new Builder<>();
    }

    /** @return where {@code event} leads from {@code phase}; empty if this event cannot happen in this phase */
    public Optional<Transition<P, E>> find(P phase, E event) {
        return Optional.ofNullable(index.getOrDefault(phase, Map.of()).get(((Object) event).getClass()));
    }

    public boolean allows(P phase, Class<? extends E> event) {
        return index.getOrDefault(phase, Map.of()).containsKey(event);
    }

    /** In the author's order. */
    public List<Transition<P, E>> rows() {
        return rows;
    }

    /** The table as a Mermaid state diagram; docs/states holds it and a test compares. */
    public String toMermaid(String initial) {
        var out = new StringBuilder("stateDiagram-v2\n    [*] --> ")
                .append(initial)
                .append('\n');
        for (Transition<P, E> row : rows) {
            out.append("    %s --> %s : %s (%s)%n"
                    .formatted(
                            row.from(), row.to(), row.label(), row.kind().name().toLowerCase(java.util.Locale.ROOT)));
        }
        return out.toString();
    }

    /** Collects rows in the author's order. */
    public static final class Builder<P extends Enum<P>, E> {
        private final List<Transition<P, E>> rows = new ArrayList<>();

        public Builder<P, E> row(P from, Class<? extends E> on, P to, Kind kind) {
            rows.add(new Transition<>(from, on, to, kind));
            return this;
        }

        public TransitionTable<P, E> build() {
            return new TransitionTable<>(rows);
        }
    }
}
