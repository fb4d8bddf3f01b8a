package dev.neurath.vm;

import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.persistence.events.UnreadableHistory;

/** A VM whose history this node's build cannot read. What its agent reports is not acknowledged, so it comes again. */
record UnreadableVm(VmId id, VmActor.Waker waker) implements UnreadableHistory.Voice<VmActor.Message> {
    @Override
    public void refuse(VmActor.Message message, Refusal why) {
        switch (message) {
            case VmActor.Request request -> request.replyTo().tell(new VmActor.Refused(why));
            case VmActor.Get get -> get.replyTo().tell(new VmActor.Refused(why));
            case VmActor.Tell tell -> {}
            case VmActor.Wake wake -> {}
            case VmActor.Local local -> {}
        }
    }

    @Override
    public boolean leaves(VmActor.Message message) {
        if (message instanceof VmActor.Leave) {
            // Whether it waits for anything is not known here; where it goes it may be.
            waker.wake(id);
            return true;
        }
        return false;
    }
}
