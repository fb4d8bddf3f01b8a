package dev.neurath.coordinator.fleet;

import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.BudgetState;
import dev.neurath.model.release.CatalogState;
import dev.neurath.model.rollout.RolloutState;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The fleet at one place of the feed. Valid within {@link FleetProjection#read} only; the entries themselves never change. */
public final class FleetFacts {
    private final FleetFold fold;
    private final long rows;

    FleetFacts(FleetFold fold, long rows) {
        this.fold = fold;
        this.rows = rows;
    }

    /** Events folded in, of all entities. */
    public long rows() {
        return rows;
    }

    public Optional<VmEntry> vm(VmId id) {
        return Optional.ofNullable(fold.vms.get(id));
    }

    /** By id. */
    public Collection<VmEntry> vms() {
        return Collections.unmodifiableCollection(fold.vms.values());
    }

    public Optional<HostEntry> host(HostId id) {
        return Optional.ofNullable(fold.hosts.get(id));
    }

    /** By id. */
    public Collection<HostEntry> hosts() {
        return Collections.unmodifiableCollection(fold.hosts.values());
    }

    public Optional<RolloutState> rollout(RolloutId id) {
        return Optional.ofNullable(fold.rollouts.get(id));
    }

    /** By id. */
    public Collection<RolloutState> rollouts() {
        return Collections.unmodifiableCollection(fold.rollouts.values());
    }

    public BudgetState budget() {
        return fold.budget;
    }

    public CatalogState catalog() {
        return fold.catalog;
    }

    /** Ids of VMs, hosts and rollouts, as the feed names them, that begin with a text. */
    public List<Subject> startingWith(String prefix) {
        var found = new java.util.ArrayList<Subject>();
        fold.vms.keySet().stream()
                .map(VmId::value)
                .filter(id -> id.startsWith(prefix))
                .forEach(id -> found.add(new Subject(Subject.VM, id)));
        fold.hosts.keySet().stream()
                .map(HostId::value)
                .filter(id -> id.startsWith(prefix))
                .forEach(id -> found.add(new Subject(Subject.HOST, id)));
        fold.rollouts.keySet().stream()
                .map(RolloutId::value)
                .filter(id -> id.startsWith(prefix))
                .forEach(id -> found.add(new Subject(Subject.ROLLOUT, id)));
        return List.copyOf(found);
    }

    /** VMs to which an order is or may be under way. */
    public List<VmId> vmsUnfinished() {
        return fold.vms.values().stream()
                .map(VmEntry::state)
                .filter(FleetFacts::isUnfinished)
                .map(VmState::id)
                .toList();
    }

    /**
     * Whether a VM on a host's list is there no more, nor about to be: a VM that is started again is placed first.
     *
     * @param before changes after this are too fresh to conclude from
     */
    public boolean mayBeForgotten(VmId id, HostId host, Instant before) {
        VmEntry vm = fold.vms.get(id);
        HostEntry entry = fold.hosts.get(host);
        Instant placed = entry == null ? null : entry.placed().get(id);
        return vm != null
                && placed != null
                && placed.isBefore(before)
                && vm.since().isBefore(before)
                && (vm.state().phase() == VmPhase.GONE
                        || !host.equals(vm.state().host()));
    }

    private static boolean isUnfinished(VmState vm) {
        return switch (vm.phase()) {
            case STARTING, PREPARING, READY, SWITCHING, VERIFYING, UNCERTAIN, STOPPING -> true;
            case ABSENT, STEADY, QUARANTINED, GONE, LOST -> false;
        };
    }
}
