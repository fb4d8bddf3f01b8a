package dev.neurath.agent.vm;

import dev.neurath.agent.link.FactOutbox;
import dev.neurath.agent.log.LogFailure;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A VM whose log or record this agent cannot act on. Its processes and files are left as they are, and the other VMs are not concerned. New orders are
 * refused; of a generation that the log may speak of nothing is said, since an attempt may be open: the coordinator keeps it UNCERTAIN until an agent that
 * can read the log answers.
 */
final class SetAsideVm implements HostedVm {
    private static final Logger LOG = LoggerFactory.getLogger(SetAsideVm.class);

    private final VmId id;
    private final FactOutbox outbox;
    private final Refusal why;
    private final OptionalLong highest;

    /** @param highest the last generation that its log speaks of; empty if nobody knows */
    SetAsideVm(VmId id, FactOutbox outbox, Refusal why, OptionalLong highest) {
        this.id = id;
        this.outbox = outbox;
        this.why = why;
        this.highest = highest;
    }

    @Override
    public void order(VmOrder order, long startBeforeNanos) {
        Generation g = order.generation();
        LOG.error("{}: VM {} is set aside, so {} is not carried out: {}", why.code(), id, order, why.sentence());
        if (highest.isEmpty() || g.value() <= highest.getAsLong()) {
            return;
        }
        switch (order) {
            case VmOrder.Prepare prepare -> outbox.report(id, new VmFact.Refused(g, why));
            case VmOrder.Switch ordered -> outbox.report(id, new VmFact.Refused(g, why));
            case VmOrder.Resolve resolve -> outbox.report(id, new VmFact.Refused(g, why));
            // "Failed" would say that no process of this VM lives, and "exited" that it was ended.
            case VmOrder.Start start -> {}
            case VmOrder.Adopt adopt -> {}
            case VmOrder.Stop stop -> {}
        }
    }

    @Override
    public void takeInventory() {
        LOG.error("{}: VM {} is set aside: {}", why.code(), id, why.sentence());
    }

    @Override
    public void awaitPause(long endNanos) {}

    @Override
    public void raiseFloor(Generation generation) throws LogFailure {
        throw LogFailure.unreadable("VM " + id + " is set aside: " + why.sentence());
    }
}
