package dev.neurath.agent.vm;

import dev.neurath.agent.log.LogFailure;
import dev.neurath.model.Generation;
import dev.neurath.model.vm.VmOrder;
import java.io.IOException;

/** A VM of this host as its orders see it: one that is taken care of, or one that was set aside. Called on the VM's mailbox. */
sealed interface HostedVm permits ManagedVm, SetAsideVm {
    void order(VmOrder order, long startBeforeNanos) throws IOException, InterruptedException;

    /** What a freshly opened session is told of this VM. */
    void takeInventory();

    /** Until its guest does not stand still for an attempt, or until {@code endNanos}. Called from any thread. */
    void awaitPause(long endNanos) throws InterruptedException;

    /** This agent's log is new: what the coordinator ordered before is closed for ever. */
    void raiseFloor(Generation generation) throws LogFailure;
}
