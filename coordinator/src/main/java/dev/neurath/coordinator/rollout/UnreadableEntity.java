package dev.neurath.coordinator.rollout;

import dev.neurath.model.Refusal;
import dev.neurath.persistence.events.UnreadableHistory;

/** A rollout, the budget or the catalog whose history this node's build cannot read. Its shard stops it by Pekko's own signal. */
final class UnreadableEntity<C> implements UnreadableHistory.Voice<EntityMessage<C>> {
    @Override
    public void refuse(EntityMessage<C> message, Refusal why) {
        if (message instanceof EntityMessage.Ask<C> ask) {
            ask.replyTo().tell(new EntityReply.Refused(why));
        }
    }

    @Override
    public boolean leaves(EntityMessage<C> message) {
        return false;
    }
}
