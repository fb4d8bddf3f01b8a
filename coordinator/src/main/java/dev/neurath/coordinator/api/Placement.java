package dev.neurath.coordinator.api;

import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.HostEntry;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import java.util.Comparator;
import java.util.Optional;

/** Where a VM starts when nobody says where: the connected, uncordoned host with the most free memory, ties by id. */
final class Placement {
    private Placement() {}

    static Optional<HostEntry> mostFree(FleetFacts fleet, VmSpec spec) {
        return fleet.hosts().stream()
                .filter(host -> host.state().phase() == HostPhase.CONNECTED
                        && host.state().cordon() == null)
                .filter(host -> free(fleet, host) >= spec.memoryBytes())
                .max(Comparator.<HostEntry>comparingLong(host -> free(fleet, host))
                        .thenComparing(host -> host.state().id(), Comparator.reverseOrder()));
    }

    /** What the agent told when it connected, less what was started on the host since. */
    private static long free(FleetFacts fleet, HostEntry host) {
        HostFacts facts = host.state().facts();
        if (facts == null) {
            return 0;
        }
        long startedSince = fleet.vms().stream()
                .filter(vm -> host.state().id().equals(vm.state().host())
                        && vm.state().phase() != VmPhase.GONE
                        && vm.started().isAfter(host.since()))
                .mapToLong(
                        vm -> vm.state().spec() == null ? 0 : vm.state().spec().memoryBytes())
                .sum();
        return facts.freeMemoryBytes() - startedSince;
    }
}
