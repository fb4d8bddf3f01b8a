package dev.neurath.coordinator.fleet;

import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.BudgetEvent;
import dev.neurath.model.budget.BudgetState;
import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostState;
import dev.neurath.model.release.CatalogState;
import dev.neurath.model.release.ReleaseEvent;
import dev.neurath.model.rollout.RolloutEvent;
import dev.neurath.model.rollout.RolloutState;
import dev.neurath.model.vm.VmEvent;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * The whole fleet as the fold of its events, by the same {@code evolve} as the entities themselves. Not for several threads; {@link FleetProjection}
 * sees to that.
 */
final class FleetFold {
    final TreeMap<VmId, VmEntry> vms = new TreeMap<>();
    final TreeMap<HostId, HostEntry> hosts = new TreeMap<>();
    final TreeMap<RolloutId, RolloutState> rollouts = new TreeMap<>();
    private final FleetId fleet;
    private final VmChanges changes;
    BudgetState budget = BudgetState.initial();
    CatalogState catalog = CatalogState.initial();

    FleetFold(FleetId fleet, VmChanges changes) {
        this.changes = changes;
        this.fleet = fleet;
    }

    void apply(Subject subject, long sequence, Instant at, Object event) {
        switch (event) {
            case VmEvent e ->
                vms.compute(new VmId(subject.id()), (id, entry) -> {
                    VmEntry before = entry == null ? VmEntry.absent(id, at) : entry;
                    VmEntry after = before.and(sequence, e, at);
                    changes.changed(before, e, after);
                    return after;
                });
            case HostEvent e ->
                hosts.compute(
                        new HostId(subject.id()),
                        (id, entry) -> (entry == null
                                        ? new HostEntry(HostState.initial(id, fleet), at, Map.of())
                                        : entry)
                                .and(e, at));
            case RolloutEvent e ->
                rollouts.compute(
                        new RolloutId(subject.id()),
                        (id, state) -> (state == null ? RolloutState.initial(id) : state).evolve(e));
            case BudgetEvent e -> budget = budget.evolve(e);
            case ReleaseEvent e -> catalog = catalog.evolve(e);
            default ->
                throw new IllegalStateException("The journal holds an event of %s that this build does not know: %s"
                        .formatted(subject, event.getClass()));
        }
    }
}
