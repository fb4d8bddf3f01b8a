package dev.neurath.coordinator.rollout;

import dev.neurath.model.Decision;
import java.time.Clock;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;

/**
 * Runs a set of rules as an event-sourced actor: decide, persist, reply, run effects.
 *
 * <p>No effect runs before its event is durable. What is due is run again after every recovery and on a timer, since messages between nodes may be
 * lost.
 *
 * <p>It knows nothing of what it runs; that is in {@link EntityRules} and the model.
 */
final class RuledEntity<S, C, E, F> extends EventSourcedBehavior<EntityMessage<C>, E, S> {
    private static final String REPEAT = "repeat";
    private static final String TICK = "tick";

    private final String id;
    private final EntityRules<S, C, E, F> rules;
    private final Settings settings;
    private final Clock clock;
    private final ActorContext<EntityMessage<C>> context;
    private final TimerScheduler<EntityMessage<C>> timers;

    /**
     * @param tickEvery how often the entity notices that time has passed
     * @param repeatAfter effects due are run again after this long
     */
    record Settings(Duration tickEvery, Duration repeatAfter) {}

    private RuledEntity(
            String id,
            EntityRules<S, C, E, F> rules,
            Settings settings,
            Clock clock,
            ActorContext<EntityMessage<C>> context,
            TimerScheduler<EntityMessage<C>> timers) {
        super(
                PersistenceId.of(rules.kind(), id),
                // A stale copy fails its append; after a pause it replays what the live one wrote, or is stopped by
                // its shard.
                SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.2));
        this.id = id;
        this.rules = rules;
        this.settings = settings;
        this.clock = clock;
        this.context = context;
        this.timers = timers;
    }

    static <S, C, E, F> Behavior<EntityMessage<C>> create(
            String id, EntityRules<S, C, E, F> rules, Settings settings, Clock clock) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new RuledEntity<>(id, rules, settings, clock, context, timers)));
    }

    @Override
    public S emptyState() {
        return rules.initial(id);
    }

    @Override
    public CommandHandler<EntityMessage<C>, E, S> commandHandler() {
        return this::onMessage;
    }

    @Override
    public EventHandler<S, E> eventHandler() {
        return rules::evolve;
    }

    @Override
    public SignalHandler<S> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), state -> {
                    timers.startTimerWithFixedDelay(REPEAT, new EntityMessage.Repeat<>(), settings.repeatAfter());
                    timers.startTimerWithFixedDelay(TICK, new EntityMessage.Tick<>(), settings.tickEvery());
                    runDue(state);
                })
                .build();
    }

    private Effect<E, S> onMessage(S state, EntityMessage<C> message) {
        return switch (message) {
            case EntityMessage.Ask<C> ask -> decide(state, ask.command(), ask.replyTo());
            case EntityMessage.Tell<C> tell -> decide(state, tell.command(), null);
            case EntityMessage.Wake<C> wake -> Effect().none();
            case EntityMessage.Repeat<C> repeat -> {
                runDue(state);
                yield Effect().none();
            }
            case EntityMessage.Tick<C> tick ->
                rules.tick(state)
                        .map(command -> decide(state, command, null))
                        .orElseGet(() -> Effect().none());
        };
    }

    private Effect<E, S> decide(S state, C command, @Nullable ActorRef<EntityReply> replyTo) {
        return switch (rules.decide(state, command, clock.instant())) {
            case Decision.Accepted<E, F> accepted ->
                Effect().persist(accepted.events()).thenRun((S after) -> {
                    if (replyTo != null) {
                        replyTo.tell(new EntityReply.Accepted(accepted.events().size()));
                    }
                    accepted.effects().forEach(this::run);
                });
            case Decision.Refused<E, F> refused -> {
                if (replyTo != null) {
                    replyTo.tell(new EntityReply.Refused(refused.refusal()));
                } else {
                    context.getLog()
                            .debug(
                                    "{} {} refused {}: {}",
                                    rules.kind(),
                                    id,
                                    command,
                                    refused.refusal().sentence());
                }
                yield Effect().none();
            }
        };
    }

    private void runDue(S state) {
        rules.effectsDue(state, clock.instant()).forEach(this::run);
    }

    private void run(F effect) {
        rules.run(id, effect);
    }
}
