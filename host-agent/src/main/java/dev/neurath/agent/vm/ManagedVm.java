package dev.neurath.agent.vm;

import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.log.LogFailure;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Input;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One VM of this host: takes its orders, one at a time, to whoever carries them out. {@link FirstStart} starts it, {@link Attempts} hands it over,
 * {@link Incumbent} is the process that it is now. All methods but the constructor are called on the VM's own mailbox.
 */
final class ManagedVm implements HostedVm {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedVm.class);

    private final VmId id;
    private final HostTools tools;
    private final AttemptLog log;
    private final Incumbent incumbent;
    private final FirstStart start;
    private final Takeover takeover;
    private final Attempts attempts;

    ManagedVm(VmId id, HostTools tools, Mailbox mailbox, AttemptLog log) {
        this.id = id;
        this.tools = tools;
        this.log = log;
        this.incumbent = new Incumbent(id, tools, mailbox, log, this::died);
        this.start = new FirstStart(id, tools, mailbox, log, incumbent);
        this.takeover = new Takeover(id, tools, log, incumbent);
        this.attempts = new Attempts(id, tools, mailbox, log, incumbent);
    }

    /** An attempt was open when the agent last lived: its guest may stand still. */
    boolean underAttempt() throws LogFailure {
        return log.open().isPresent();
    }

    /** What was known when the agent last lived; called once, before any order. */
    void recover(AgentVm known) throws IOException, InterruptedException {
        incumbent.known(known);
        Optional<AttemptLog.Open> open = log.open();
        if (open.isPresent()) {
            attempts.resume(open.get());
            return;
        }
        Optional<AttemptLog.Done> done = log.lastDone();
        if (done.isPresent()) {
            incumbent.catchUp(done.get());
        }
        AgentVm vm = Objects.requireNonNull(incumbent.record());
        if (!vm.getEndedReason().isEmpty()) {
            tools.outbox().report(id, new VmFact.Exited(vm.getEndedReason(), vm.getEndedSentence()));
        } else if (!vm.hasProcess()) {
            start.recover();
        } else if (done.isEmpty() || !attempts.followed(done.get())) {
            incumbent.attach();
        }
        done.ifPresent(attempts::repeat);
    }

    @Override
    public void order(VmOrder order, long startBeforeNanos) throws IOException, InterruptedException {
        boolean late = System.nanoTime() - startBeforeNanos > 0;
        switch (order) {
            case VmOrder.Start ordered -> start.order(ordered, late);
            case VmOrder.Adopt ordered -> takeover.order(ordered, late);
            case VmOrder.Stop ordered -> stop(ordered, late);
            case VmOrder.Prepare prepare -> attempts.order(order, prepare.attempt(), startBeforeNanos);
            case VmOrder.Switch ordered -> attempts.order(order, null, startBeforeNanos);
            case VmOrder.Resolve resolve -> attempts.order(order, null, startBeforeNanos);
        }
    }

    private void stop(VmOrder.Stop order, boolean late) throws IOException {
        AgentVm vm = incumbent.record();
        if (vm == null || !vm.getEndedReason().isEmpty()) {
            if (!late && !log.floor().isAfter(order.generation())) {
                incumbent.endLeftOvers();
            }
            tools.outbox().report(id, new VmFact.Exited("STOPPED", "Nothing of this VM runs on this host."));
            return;
        }
        if (log.floor().isAfter(order.generation())) {
            LOG.warn(
                    "VM {}: an order to stop it of generation {} came after one of {}",
                    id,
                    order.generation(),
                    log.floor());
            return;
        }
        if (late) {
            LOG.warn("VM {}: an order to stop it waited too long; whoever wants it still repeats it", id);
            takeInventory();
            return;
        }
        if (attempts.running()) {
            attempts.deliver(new Input.CloseRequested("STOP_ORDERED", "The VM is to be ended."));
            return;
        }
        log.close(order.generation());
        incumbent.stop();
    }

    @Override
    public void takeInventory() {
        AgentVm vm = incumbent.record();
        if (vm != null && incumbent.runs() && !attempts.running()) {
            tools.outbox()
                    .report(
                            id,
                            new VmFact.Inventory(
                                    log.floor(), QemuStarter.revisionOf(vm), VmCodec.decode(vm.getProcess())));
        }
    }

    @Override
    public void awaitPause(long endNanos) throws InterruptedException {
        attempts.awaitPause(endNanos);
    }

    @Override
    public void raiseFloor(Generation generation) throws LogFailure {
        log.close(generation);
    }

    private void died(ProcessIdentity identity) throws IOException {
        // While an attempt is open its outcome says what became of the guest; the old side's death is one of its steps.
        if (!attempts.running()) {
            incumbent.died(identity);
        }
    }
}
