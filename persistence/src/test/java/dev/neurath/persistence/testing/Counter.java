package dev.neurath.persistence.testing;

import dev.neurath.persistence.events.EventCodec;
import dev.neurath.persistence.events.EventCodecSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.jspecify.annotations.Nullable;

/** The smallest entity: a sum. Its second event version counts in units, the first counted in dozens. */
public final class Counter extends EventSourcedBehavior<Counter.Command, Counter.Added, Counter.Sum> {
    public sealed interface Command permits Add, Spoil {}

    public record Add(int amount, ActorRef<Integer> replyTo) implements Command {}

    /** Asks for an event that no codec can write. */
    public record Spoil(ActorRef<Integer> replyTo) implements Command {}

    public record Added(int amount) {}

    public record Sum(int value) {}

    private final RetentionCriteria retention;

    private Counter(String id, RetentionCriteria retention) {
        super(PersistenceId.ofUniqueId(id));
        this.retention = retention;
    }

    public static Behavior<Command> create(String id) {
        return new Counter(id, RetentionCriteria.disabled());
    }

    public static Behavior<Command> withSnapshots(String id) {
        return new Counter(id, RetentionCriteria.snapshotEvery(10, 1).withDeleteEventsOnSnapshot());
    }

    /** As all entities of the product: every event is kept. */
    public static Behavior<Command> withSnapshotsAndAllEvents(String id) {
        return new Counter(id, RetentionCriteria.snapshotEvery(10, 1));
    }

    @Override
    public Sum emptyState() {
        return new Sum(0);
    }

    @Override
    public RetentionCriteria retentionCriteria() {
        return retention;
    }

    @Override
    public CommandHandler<Command, Added, Sum> commandHandler() {
        return (state, command) -> switch (command) {
            case Add add ->
                Effect()
                        .persist(new Added(add.amount()))
                        .thenRun((@Nullable Sum after) -> add.replyTo().tell(after == null ? -1 : after.value()));
            case Spoil spoil ->
                Effect()
                        .persist(new Added(Integer.MIN_VALUE))
                        .thenRun((@Nullable Sum after) -> spoil.replyTo().tell(-1));
        };
    }

    @Override
    public EventHandler<Sum, Added> eventHandler() {
        return (state, event) -> new Sum(state.value() + event.amount());
    }

    /** {@code counter/2}: the amount as text. Refuses the smallest integer, to have something that cannot be written. */
    public static final class Codec implements EventCodec<Added> {
        @Override
        public String type() {
            return "counter";
        }

        @Override
        public int version() {
            return 2;
        }

        @Override
        public Class<Added> eventClass() {
            return Added.class;
        }

        @Override
        public byte[] encode(Added event) {
            if (event.amount() == Integer.MIN_VALUE) {
                throw new IllegalArgumentException("This amount cannot be written");
            }
            return Integer.toString(event.amount()).getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public Added decode(byte[] payload) {
            return new Added(Integer.parseInt(new String(payload, StandardCharsets.US_ASCII)));
        }

        @Override
        public byte[] upcast(int fromVersion, byte[] payload) {
            if (fromVersion != 1) {
                throw new IllegalArgumentException("There was never a counter/" + fromVersion);
            }
            return encode(new Added(12 * decode(payload).amount()));
        }
    }

    /** {@code counter-sum/1}: the snapshot. */
    public static final class SumCodec implements EventCodec<Sum> {
        @Override
        public String type() {
            return "counter-sum";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Class<Sum> eventClass() {
            return Sum.class;
        }

        @Override
        public byte[] encode(Sum sum) {
            return Integer.toString(sum.value()).getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public Sum decode(byte[] payload) {
            return new Sum(Integer.parseInt(new String(payload, StandardCharsets.US_ASCII)));
        }
    }

    /** What a module contributes. */
    public static final class Codecs implements EventCodecSource {
        @Override
        public List<EventCodec<?>> codecs() {
            return List.of(new Codec(), new SumCodec());
        }
    }
}
