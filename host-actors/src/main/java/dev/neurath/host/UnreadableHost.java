package dev.neurath.host;

import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.persistence.events.UnreadableHistory;

/** A host whose history this node's build cannot read. Its agent is not turned away: it dials on until a node can welcome it. */
record UnreadableHost(HostId id, HostActor.Waker waker) implements UnreadableHistory.Voice<HostActor.Message> {
    @Override
    public void refuse(HostActor.Message message, Refusal why) {
        switch (message) {
            case HostActor.Request request -> request.replyTo().tell(new HostActor.Refused(why));
            case HostActor.Get get -> get.replyTo().tell(new HostActor.Refused(why));
            case HostActor.Ask ask -> ask.replyTo().tell(new HostActor.Refused(why));
            case HostActor.Prove prove -> prove.replyTo().tell(new HostActor.Unavailable(why.sentence()));
            case HostActor.Connect connect -> connect.agent().tell(new AgentSession.TryElsewhere(why.sentence()));
            case HostActor.Tell tell -> {}
            case HostActor.Wake wake -> {}
            case HostActor.Order order -> {}
            case HostActor.Acknowledge acknowledge -> {}
            case HostActor.Alive alive -> {}
            case HostActor.Local local -> {}
        }
    }

    @Override
    public boolean leaves(HostActor.Message message) {
        if (message instanceof HostActor.Leave) {
            waker.wake(id);
            return true;
        }
        return false;
    }
}
