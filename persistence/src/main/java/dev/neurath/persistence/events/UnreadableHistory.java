package dev.neurath.persistence.events;

import dev.neurath.codec.BuildVersion;
import dev.neurath.model.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an entity is on a node whose build cannot read an event of its history: it refuses whatever is asked, with the reason, until its shard moves to a node
 * that can, or for a minute, and is then read anew when somebody asks.
 *
 * <p>Nothing of a history is skipped, and without this the entity would be started again and again, and whoever asks would be told that nobody answers.
 * Every other failure of a replay is the supervisor's.
 *
 * @param <M> what the entity hears
 */
public final class UnreadableHistory<M> extends BehaviorInterceptor<Object, M> {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableHistory.class);
    private static final String CODE = "NEWER_BUILD";
    private static final Duration REFUSING = Duration.ofMinutes(1);
    /** Asked before it was known; more than this are left to their own patience. */
    private static final int MOST_EARLY = 1000;

    /** How one kind of entity says no. */
    public interface Voice<M> {
        /** Answers, if anybody waits; nothing was changed. */
        void refuse(M message, Refusal why);

        /** Whether the entity is to leave this node, and does so without a word. */
        boolean leaves(M message);
    }

    private final Class<?> messages;
    private final String name;
    private final Voice<M> voice;
    private List<M> early = new ArrayList<>();
    private boolean recovered;
    private @Nullable Refusal why;
    private long sinceNanos;

    private UnreadableHistory(Class<?> messages, String name, Voice<M> voice) {
        super(Object.class);
        this.messages = messages;
        this.name = name;
        this.voice = voice;
    }

    /**
     * @param messages the class of {@code M}, whatever its parameters
     * @param name as {@code VM web-1}
     * @param entity tells what it is given of its {@code RecoveryCompleted} and {@code RecoveryFailed}
     */
    public static <M> Behavior<M> guard(
            Class<?> messages, String name, Voice<M> voice, Function<UnreadableHistory<M>, Behavior<M>> entity) {
        return Behaviors.setup(context -> {
            var history = new UnreadableHistory<>(messages, name, voice);
            return Behaviors.intercept(() -> history, entity.apply(history)).narrow();
        });
    }

    /** Whether a refusal is for now and for the node that holds the entity: asking again is right. */
    public static boolean saidBy(Refusal refusal) {
        return refusal.code().equals(CODE);
    }

    public void recovered() {
        recovered = true;
        early = List.of();
    }

    public void failed(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnreadableEvent unreadable) {
                why = Refusal.of(
                        CODE,
                        "%s has a history that the build of its node, %s, cannot read. A newer build wrote it, or it is damaged. %s"
                                .formatted(name, BuildVersion.text(), unreadable.getMessage()),
                        "upgrade the nodes of the older build; a node that can read it serves it");
                sinceNanos = System.nanoTime();
                LOG.warn("{}", why.sentence());
                return;
            }
        }
    }

    @Override
    public Behavior<M> aroundReceive(TypedActorContext<Object> context, Object message, ReceiveTarget<M> target) {
        M own = messages.isInstance(message) ? unchecked(message) : null;
        if (why != null) {
            return own == null ? Behaviors.same() : refuse(own, why);
        }
        if (own != null && !recovered && early.size() < MOST_EARLY) {
            early.add(own);
        }
        // Of the journal, too: this is how the answer comes that the history cannot be read.
        Behavior<M> next = target.apply(context, unchecked(message));
        return why == null ? next : refuseEarly(next, why);
    }

    private Behavior<M> refuseEarly(Behavior<M> next, Refusal refusal) {
        boolean leaves = false;
        for (M waiting : early) {
            if (voice.leaves(waiting)) {
                leaves = true;
            } else {
                voice.refuse(waiting, refusal);
            }
        }
        early = List.of();
        return leaves ? Behaviors.stopped() : next;
    }

    private Behavior<M> refuse(M message, Refusal refusal) {
        if (voice.leaves(message)) {
            return Behaviors.stopped();
        }
        voice.refuse(message, refusal);
        return System.nanoTime() - sinceNanos > REFUSING.toNanos() ? Behaviors.stopped() : Behaviors.same();
    }

    /** Nobody is there to whom a signal means anything, and a shard that stops its entities takes that for a yes. */
    @Override
    public Behavior<M> aroundSignal(TypedActorContext<Object> context, Signal signal, SignalTarget<M> target) {
        return why == null || signal.equals(PostStop.instance())
                ? target.apply(context, signal)
                : Behaviors.unhandled();
    }

    // The journal speaks to the actor in words of its own, which its behavior takes for whatever it hears.
    @SuppressWarnings("unchecked")
    private M unchecked(Object message) {
        return (M) message;
    }
}
