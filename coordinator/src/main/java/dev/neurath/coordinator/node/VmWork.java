package dev.neurath.coordinator.node;

import dev.neurath.coordinator.rollout.EntityReply;
import dev.neurath.coordinator.rollout.FleetEntities;
import dev.neurath.host.HostActors;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.BudgetCommand;
import dev.neurath.model.rollout.RolloutCommand;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.vm.VmPorts;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries a VM's effects to its host and its rollout. VMs and hosts need each other, so what is sent before the hosts are there is dropped, as any
 * message may be.
 */
final class VmWork implements VmPorts {
    private static final Logger LOG = LoggerFactory.getLogger(VmWork.class);

    private final FleetEntities entities;
    private final InstantSource clock;
    private final AtomicReference<@Nullable CompletableFuture<Boolean>> freezing = new AtomicReference<>();
    private volatile @Nullable HostActors hosts;

    VmWork(FleetEntities entities, InstantSource clock) {
        this.entities = entities;
        this.clock = clock;
    }

    void reach(HostActors started) {
        hosts = started;
    }

    @Override
    public void order(HostId host, VmId vm, VmOrder order) {
        HostActors known = hosts;
        if (known != null) {
            known.order(host, vm, order);
        }
    }

    @Override
    public void acknowledge(HostId host, VmId vm, FactStamp stamp) {
        HostActors known = hosts;
        if (known != null) {
            known.acknowledge(host, vm, stamp);
        }
    }

    @Override
    public void disown(HostId host, VmId vm, FactStamp stamp, Refusal why) {
        HostActors known = hosts;
        if (known != null) {
            known.disown(host, vm, stamp, why);
        }
    }

    /** After a restore all VMs of the fleet say this at once, and one freeze is enough: who comes while it is asked for gets the same answer. */
    @Override
    public CompletionStage<Boolean> journalBehind(HostId host, VmId vm, Generation told, Generation known) {
        var asked = new CompletableFuture<Boolean>();
        CompletableFuture<Boolean> before = freezing.compareAndExchange(null, asked);
        if (before != null) {
            return before;
        }
        LOG.error(
                "Host {} has carried out generation {} of VM {}, and the journal knows of {}: it was restored from an older backup, or a part of it is lost",
                host,
                told.value(),
                vm,
                known.value());
        var unused = entities.askBudget(new BudgetCommand.JournalBehind(vm, host, told, known, clock.instant()))
                .whenComplete((reply, failure) -> {
                    boolean durable = reply instanceof EntityReply.Accepted;
                    if (!durable) {
                        LOG.warn("The fleet is not frozen yet: {}", failure == null ? reply : failure.toString());
                    }
                    freezing.set(null);
                    asked.complete(durable);
                });
        return asked;
    }

    @Override
    public void tellRollout(RolloutId rollout, VmId vm, int attemptNumber, VmEvent ended, @Nullable Pause pause) {
        entities.tellRollout(rollout, new RolloutCommand.VmEnded(vm, attemptNumber, ended, pause));
    }
}
