package dev.neurath.coordinator.rollout;

import dev.neurath.model.Decision;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one kind of entity is, for {@link RuledEntity} to run: the model's rules, and what its effects do here.
 *
 * @param <S> state
 * @param <C> command
 * @param <E> event
 * @param <F> effect
 */
interface EntityRules<S, C, E, F> {
    /** Of sharding and, with {@code |id}, of the journal. For ever. */
    String kind();

    S initial(String id);

    S evolve(S state, E event);

    Decision<E, F> decide(S state, C command, Instant now);

    /** What has to be running in this state; repeated until the state is another. */
    List<F> effectsDue(S state, Instant now);

    /** The command that lets the entity notice that time has passed; empty while nothing waits for time. */
    Optional<C> tick(S state);

    /** Of the effects of commands that were decided one after another: those that still matter in the state after the last. */
    default List<F> stillDue(S after, List<F> effects, Instant now) {
        return effects;
    }

    /** Runs an effect. It must not block, may be lost, and may be run again. */
    void run(String id, F effect);
}
