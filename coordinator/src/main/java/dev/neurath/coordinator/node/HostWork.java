package dev.neurath.coordinator.node;

import dev.neurath.host.HostPorts;
import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmFact;
import dev.neurath.vm.VmActor;
import dev.neurath.vm.VmActors;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Carries what hosts hear to the VMs that it is about. */
final class HostWork implements HostPorts {
    private final VmActors vms;

    HostWork(VmActors vms) {
        this.vms = vms;
    }

    @Override
    public void fact(HostId host, VmId vm, FactStamp stamp, VmFact fact) {
        vms.tell(vm, new VmCommand.Report(host, stamp, fact));
    }

    /** Out of the VMs themselves: a floor that is too low would let an agent with a new disk carry out an old order. */
    @Override
    public CompletionStage<Map<VmId, Generation>> floors(HostId host, List<VmId> wanted) {
        CompletionStage<Map<VmId, Generation>> all = CompletableFuture.completedFuture(new TreeMap<>());
        for (VmId vm : wanted) {
            all = all.thenCombine(vms.get(vm).thenApply(reply -> generation(vm, reply)), (map, generation) -> {
                map.put(vm, generation);
                return map;
            });
        }
        return all;
    }

    @Override
    public void declareDead(HostId host, VmId vm, String evidence, Actor by) {
        vms.tell(vm, new VmCommand.DeclareHostDead(host, evidence, by));
    }

    private static Generation generation(VmId vm, VmActor.Reply reply) {
        return switch (reply) {
            case VmActor.Accepted accepted -> accepted.vm().generation();
            case VmActor.Refused refused ->
                throw new IllegalStateException("VM %s refused to be read: %s"
                        .formatted(vm, refused.refusal().sentence()));
            case VmActor.Unavailable unavailable ->
                throw new IllegalStateException("no floor of VM %s: %s".formatted(vm, unavailable.reason()));
        };
    }
}
