package dev.neurath.coordinator.rollout;

import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.VmEntry;
import dev.neurath.model.FleetId;
import dev.neurath.model.VmId;
import dev.neurath.model.fleet.FactsPreflight;
import dev.neurath.model.fleet.FleetView;
import dev.neurath.model.fleet.HostView;
import dev.neurath.model.fleet.Preflight;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.release.Release;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.rollout.Planned;
import dev.neurath.model.rollout.Planner;
import dev.neurath.model.rollout.ProofsWanted;
import dev.neurath.model.rollout.RolloutSpec;
import dev.neurath.model.vm.VmState;
import java.util.List;
import java.util.Set;

/** The planner, on the fleet as this node sees it. The same facts give the same bytes on every node. */
public final class FleetPlanner {
    /** Where which fleet it is does not matter. */
    private static final FleetId NO_FLEET = new FleetId("any");

    private final FleetId fleet;
    private final Preflight preflight = new FactsPreflight();
    private final Planner planner = new Planner(preflight);

    public FleetPlanner(FleetId fleet) {
        this.fleet = fleet;
    }

    public Planned plan(RolloutSpec spec, String yaml, FleetFacts facts) {
        return planner.plan(spec, yaml, view(facts));
    }

    /** What a plan would say of each method for this VM. */
    public static List<Plan.Candidate> candidates(VmState vm, Release to, FleetFacts facts) {
        return new Planner(new FactsPreflight()).candidates(vm, to, view(NO_FLEET, facts));
    }

    /** What agents should find out before this is planned; what they answer may raise more questions. */
    public List<ProofWanted> proofsWanted(RolloutSpec spec, FleetFacts facts) {
        return ProofsWanted.of(spec, preflight, view(facts));
    }

    Planned back(Plan done, Set<VmId> vms, FleetFacts facts) {
        return planner.back(done, vms, view(facts));
    }

    private FleetView view(FleetFacts facts) {
        return view(fleet, facts);
    }

    private static FleetView view(FleetId fleet, FleetFacts facts) {
        return new FleetView(
                fleet,
                facts.rows(),
                facts.hosts().stream().map(host -> HostView.of(host.state())).toList(),
                facts.vms().stream().map(VmEntry::state).toList(),
                List.copyOf(facts.catalog().releases().values()),
                facts.catalog().pairRefusals(),
                facts.catalog().proofs());
    }
}
