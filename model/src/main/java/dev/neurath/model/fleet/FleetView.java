package dev.neurath.model.fleet;

import dev.neurath.model.FleetId;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.release.PairRefusal;
import dev.neurath.model.release.Release;
import dev.neurath.model.vm.VmState;
import java.util.Comparator;
import java.util.List;

/**
 * The fleet at one moment: everything that a planner may look at. Sorted by id whatever the order it was gathered in, so that the same fleet gives
 * the same plan.
 *
 * @param generation of the fleet, for people: the place in the event log that the view was taken at
 * @param vms with their placement; one that ended is left out by the planner
 */
public record FleetView(
        FleetId fleet,
        long generation,
        List<HostView> hosts,
        List<VmState> vms,
        List<Release> releases,
        List<PairRefusal> pairRefusals,
        List<Proof> proofs) {
    public FleetView {
        hosts = hosts.stream().sorted(Comparator.comparing(HostView::id)).toList();
        vms = vms.stream().sorted(Comparator.comparing(VmState::id)).toList();
        releases = releases.stream().sorted(Comparator.comparing(Release::id)).toList();
        pairRefusals = pairRefusals.stream()
                .sorted(Comparator.comparing(PairRefusal::from)
                        .thenComparing(PairRefusal::to)
                        .thenComparing(PairRefusal::method)
                        .thenComparing(p -> p.refusal().code())
                        .thenComparing(p -> p.refusal().sentence()))
                .toList();
        proofs = List.copyOf(proofs);
    }
}
