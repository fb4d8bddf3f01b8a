package dev.neurath.coordinator.rollout;

import dev.neurath.persistence.kryo.NodeMessage;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What an entity is sent.
 *
 * @param <C> its command
 */
public sealed interface EntityMessage<C> extends NodeMessage {
    record Ask<C>(C command, ActorRef<EntityReply> replyTo) implements EntityMessage<C> {}

    /** Nobody waits for an answer: a refusal is logged and dropped. */
    record Tell<C>(C command) implements EntityMessage<C> {}

    /** Be there: a recovery runs what is due. */
    record Wake<C>() implements EntityMessage<C> {}

    /** From its own timer, never between nodes. */
    record Repeat<C>() implements EntityMessage<C> {}

    /** From itself, behind all that had come by then; never between nodes. */
    record Flush<C>() implements EntityMessage<C> {}

    /** From its own timer, never between nodes. */
    record Tick<C>() implements EntityMessage<C> {}
}
