package dev.neurath.coordinator.node;

import dev.neurath.coordinator.rollout.FleetEntities;
import dev.neurath.coordinator.rollout.Waker;
import dev.neurath.host.HostActors;
import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostCommand;
import dev.neurath.vm.VmActors;

/** The entities as the waker reaches them. */
final class Wakening implements Waker.Sleepers {
    private final VmActors vms;
    private final HostActors hosts;
    private final FleetEntities entities;

    Wakening(VmActors vms, HostActors hosts, FleetEntities entities) {
        this.vms = vms;
        this.hosts = hosts;
        this.entities = entities;
    }

    @Override
    public void vm(VmId vm) {
        vms.wake(vm);
    }

    @Override
    public void host(HostId host) {
        hosts.wake(host);
    }

    @Override
    public void rollout(RolloutId rollout) {
        entities.wakeRollout(rollout);
    }

    @Override
    public void budget() {
        entities.wakeBudget();
    }

    @Override
    public void forget(HostId host, VmId vm) {
        hosts.tell(host, new HostCommand.ForgetVm(vm));
    }
}
