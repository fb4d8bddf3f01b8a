package dev.neurath.model.host;

import dev.neurath.model.Actor;
import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import dev.neurath.model.IllegalEvent;
import dev.neurath.model.VmId;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything durable that is known of one host: the fold of its events. It changes in {@link #evolve} and nowhere else.
 *
 * @param session the live one, or the last one while UNREACHABLE or DECLARED_DEAD
 * @param facts as told when that session began; fresher ones are not durable
 * @param cordon why nothing new may begin here, or null
 * @param death evidence given by {@code declaredBy}, or null
 * @param vms placed here, sorted
 */
public record HostState(
        HostId id,
        FleetId fleet,
        HostPhase phase,
        @Nullable Session session,
        @Nullable HostFacts facts,
        @Nullable String cordon,
        @Nullable String death,
        @Nullable Actor declaredBy,
        SortedSet<VmId> vms) {
    public HostState {
        vms = Collections.unmodifiableSortedSet(new TreeSet<>(vms));
    }

    public static HostState initial(HostId id, FleetId fleet) {
        return new HostState(id, fleet, HostPhase.ABSENT, null, null, null, null, null, new TreeSet<>());
    }

    public HostState evolve(HostEvent event) {
        HostPhase to = HostRules.TABLE
                .find(phase, event)
                .orElseThrow(() -> new IllegalEvent("host " + id, phase, event))
                .to();
        return switch (event) {
            case HostEvent.Connected e -> new HostState(id, fleet, to, e.session(), e.facts(), cordon, null, null, vms);
            case HostEvent.SessionLost e ->
                new HostState(id, fleet, to, session, facts, cordon, death, declaredBy, vms);
            case HostEvent.Cordoned e ->
                new HostState(id, fleet, to, session, facts, e.reason(), death, declaredBy, vms);
            case HostEvent.Uncordoned e -> new HostState(id, fleet, to, session, facts, null, death, declaredBy, vms);
            case HostEvent.DeclaredDead e ->
                new HostState(id, fleet, to, session, facts, cordon, e.evidence(), e.by(), vms);
            case HostEvent.VmPlaced e -> withVms(to, e.vm(), true);
            case HostEvent.VmRemoved e -> withVms(to, e.vm(), false);
        };
    }

    private HostState withVms(HostPhase to, VmId vm, boolean present) {
        var next = new TreeSet<>(vms);
        if (present) {
            next.add(vm);
        } else {
            next.remove(vm);
        }
        return new HostState(id, fleet, to, session, facts, cordon, death, declaredBy, next);
    }
}
