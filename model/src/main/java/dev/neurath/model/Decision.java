package dev.neurath.model;

import java.util.List;

/**
 * What a rule says to a command: events to persist and, once they are durable, effects to run; or a refusal.
 *
 * @param <E> the entity's event
 * @param <F> the entity's effect
 */
public sealed interface Decision<E, F> {
    /** Accepted. No events means: nothing changes, the effects answer from what is already durable. */
    record Accepted<E, F>(List<E> events, List<F> effects) implements Decision<E, F> {
        public Accepted {
            events = List.copyOf(events);
            effects = List.copyOf(effects);
        }
    }

    record Refused<E, F>(Refusal refusal) implements Decision<E, F> {}

    static <E, F> Decision<E, F> accept(List<E> events, List<F> effects) {
        return new Accepted<>(events, effects);
    }

    /** The command is late, repeated or not for this phase: dropped without a trace, since nobody waits for an answer. */
    static <E, F> Decision<E, F> ignore() {
        return new Accepted<>(List.of(), List.of());
    }

    static <E, F> Decision<E, F> refuse(String code, String sentence, String wayOut) {
        return new Refused<>(new Refusal(code, sentence, wayOut));
    }
}
