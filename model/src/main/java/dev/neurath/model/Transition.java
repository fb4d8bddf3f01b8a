package dev.neurath.model;

/**
 * One row of a state machine's table.
 *
 * @param <P> phase
 * @param <E> event
 */
public record Transition<P extends Enum<P>, E>(P from, Class<? extends E> on, P to, Kind kind) {
    public String label() {
        return on.getSimpleName();
    }
}
