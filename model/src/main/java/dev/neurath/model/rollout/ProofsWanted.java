package dev.neurath.model.rollout;

import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.fleet.FleetView;
import dev.neurath.model.fleet.HostView;
import dev.neurath.model.fleet.Preflight;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.proof.Shape;
import dev.neurath.model.release.Release;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What has to be found out before an intent is planned: one question for each shape of VM and pair of releases, however many VMs have it. */
public final class ProofsWanted {
    private record Question(List<ReleaseId> way, String shape) {}

    private ProofsWanted() {}

    /**
     * Asked again once the answers are known: where the direct way is closed, they decide which others are worth a try.
     *
     * @return what nobody has found out yet, each to be asked of a connected host that has such a VM; none for an intent that names no single release
     */
    public static List<ProofWanted> of(RolloutSpec spec, Preflight preflight, FleetView fleet) {
        List<Release> wanted = Planner.wanted(spec.release().qemu(), fleet);
        if (wanted.size() != 1) {
            return List.of();
        }
        Release to = wanted.getFirst();
        Map<HostId, HostView> hosts = fleet.hosts().stream()
                .filter(host -> host.connected() && spec.hosts().matches(Planner.labels(host)))
                .collect(Collectors.toMap(HostView::id, host -> host));
        Set<Question> asked = new HashSet<>();
        var missing = new ArrayList<ProofWanted>();
        for (VmState vm : fleet.vms()) {
            HostId at = vm.host();
            boolean selected = vm.phase() == VmPhase.STEADY
                    && at != null
                    && hosts.containsKey(at)
                    && spec.vms().matches(Planner.labels(vm));
            if (at == null || !selected || vm.spec() == null || vm.revision() == null) {
                continue;
            }
            String shape = Shape.of(vm.spec());
            for (List<ReleaseId> way : new Ways(preflight, fleet, vm, hosts.get(at), spec.method()).unknown(to)) {
                if (asked.add(new Question(way, shape))) {
                    missing.add(new ProofWanted(at, vm.id(), way, shape));
                }
            }
        }
        return missing;
    }
}
