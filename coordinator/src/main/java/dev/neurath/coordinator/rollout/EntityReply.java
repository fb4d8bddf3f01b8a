package dev.neurath.coordinator.rollout;

import dev.neurath.model.Refusal;
import dev.neurath.persistence.kryo.NodeMessage;

/** What an entity answers. Its state is not sent: who asks reads it from the feed, where it is as durable. */
public sealed interface EntityReply extends NodeMessage {
    /**
     * The command's events are durable.
     *
     * @param events how many; 0 = nothing had to change
     */
    record Accepted(int events) implements EntityReply {}

    record Refused(Refusal refusal) implements EntityReply {}

    /** Nothing is known about whether it happened: ask again. */
    record Unavailable(String reason) implements EntityReply {}
}
