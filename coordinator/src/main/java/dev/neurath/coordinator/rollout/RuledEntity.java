package dev.neurath.coordinator.rollout;

import dev.neurath.model.Decision;
import dev.neurath.persistence.events.UnreadableHistory;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.RecoveryFailed;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;

/**
 * Runs a set of rules as an event-sourced actor: decide, persist, reply, run effects.
 *
 * <p>There is one rollout and one budget for thousands of VMs, and a commit takes milliseconds. So commands that came while the last events were being written
 * are decided one after another and written together: all of them become durable, and are answered, or none.
 *
 * <p>No effect runs before its event is durable. What is due is run again after every recovery and on a timer, since messages between nodes may be
 * lost.
 *
 * <p>It knows nothing of what it runs; that is in {@link EntityRules} and the model.
 */
final class RuledEntity<S, C, E, F> extends EventSourcedBehavior<EntityMessage<C>, E, S> {
    private static final String REPEAT = "repeat";
    private static final String TICK = "tick";
    /** A rollout's answer to each is an event or two, of some hundred bytes. */
    private static final int MOST_TOGETHER = 256;

    private final String id;
    private final EntityRules<S, C, E, F> rules;
    private final Settings settings;
    private final Clock clock;
    private final ActorContext<EntityMessage<C>> context;
    private final TimerScheduler<EntityMessage<C>> timers;
    private final UnreadableHistory<EntityMessage<C>> history;
    private final List<Asked<C>> waiting = new ArrayList<>();
    private boolean flushes;

    /** @param replyTo null if nobody waits */
    private record Asked<C>(C command, @Nullable ActorRef<EntityReply> replyTo) {}

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
            TimerScheduler<EntityMessage<C>> timers,
            UnreadableHistory<EntityMessage<C>> history) {
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
        this.history = history;
    }

    static <S, C, E, F> Behavior<EntityMessage<C>> create(
            String id, EntityRules<S, C, E, F> rules, Settings settings, Clock clock) {
        return UnreadableHistory.guard(
                EntityMessage.class,
                rules.kind() + " " + id,
                new UnreadableEntity<>(),
                history -> Behaviors.setup(context -> Behaviors.withTimers(
                        timers -> new RuledEntity<>(id, rules, settings, clock, context, timers, history))));
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
                .onSignal(RecoveryFailed.class, (state, failed) -> history.failed(failed.getFailure()))
                .onSignal(RecoveryCompleted.instance(), state -> {
                    history.recovered();
                    // After a failed append it is the same object: who waited for that has no answer, and asks again.
                    waiting.clear();
                    flushes = false;
                    timers.startTimerWithFixedDelay(REPEAT, new EntityMessage.Repeat<>(), settings.repeatAfter());
                    timers.startTimerWithFixedDelay(TICK, new EntityMessage.Tick<>(), settings.tickEvery());
                    runDue(state);
                })
                .build();
    }

    private Effect<E, S> onMessage(S state, EntityMessage<C> message) {
        return switch (message) {
            case EntityMessage.Ask<C> ask -> collect(new Asked<>(ask.command(), ask.replyTo()));
            case EntityMessage.Tell<C> tell -> collect(new Asked<>(tell.command(), null));
            case EntityMessage.Flush<C> flush -> flush(state);
            case EntityMessage.Wake<C> wake -> Effect().none();
            case EntityMessage.Repeat<C> repeat -> {
                runDue(state);
                yield Effect().none();
            }
            case EntityMessage.Tick<C> tick ->
                rules.tick(state)
                        .map(command -> collect(new Asked<>(command, null)))
                        .orElseGet(() -> Effect().none());
        };
    }

    private Effect<E, S> collect(Asked<C> asked) {
        waiting.add(asked);
        if (!flushes) {
            flushes = true;
            context.getSelf().tell(new EntityMessage.Flush<>());
        }
        return Effect().none();
    }

    private Effect<E, S> flush(S state) {
        flushes = false;
        List<Asked<C>> together = waiting.subList(0, Math.min(waiting.size(), MOST_TOGETHER));
        var decided = new Decided(state);
        together.forEach(decided::next);
        together.clear();
        if (!waiting.isEmpty()) {
            flushes = true;
            context.getSelf().tell(new EntityMessage.Flush<>());
        }
        return Effect().persist(decided.events).thenRun((S after) -> {
            decided.answers.forEach(Answer::tell);
            rules.stillDue(after, decided.effects, clock.instant()).forEach(this::run);
        });
    }

    /** A reply that waits until what was decided before it is durable: a refusal may rest on that too. */
    private record Answer(ActorRef<EntityReply> to, EntityReply reply) {
        void tell() {
            to.tell(reply);
        }
    }

    /** Commands decided one after another, each on what the ones before it led to. */
    private final class Decided {
        private final List<E> events = new ArrayList<>();
        private final List<F> effects = new ArrayList<>();
        private final List<Answer> answers = new ArrayList<>();
        private S state;

        Decided(S state) {
            this.state = state;
        }

        void next(Asked<C> asked) {
            switch (rules.decide(state, asked.command(), clock.instant())) {
                case Decision.Accepted<E, F> accepted -> {
                    for (E event : accepted.events()) {
                        state = rules.evolve(state, event);
                    }
                    events.addAll(accepted.events());
                    effects.addAll(accepted.effects());
                    answer(asked, new EntityReply.Accepted(accepted.events().size()));
                }
                case Decision.Refused<E, F> refused -> {
                    String why = refused.refusal().sentence();
                    context.getLog().debug("{} {} refused {}: {}", rules.kind(), id, asked.command(), why);
                    answer(asked, new EntityReply.Refused(refused.refusal()));
                }
            }
        }

        private void answer(Asked<C> asked, EntityReply reply) {
            if (asked.replyTo() != null) {
                answers.add(new Answer(asked.replyTo(), reply));
            }
        }
    }

    private void runDue(S state) {
        rules.effectsDue(state, clock.instant()).forEach(this::run);
    }

    private void run(F effect) {
        rules.run(id, effect);
    }
}
