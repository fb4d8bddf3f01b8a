package dev.neurath.coordinator.fleet;

import dev.neurath.model.VmId;
import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostState;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A host as this node sees it.
 *
 * @param since when it came into its phase
 * @param placed when each of its VMs was placed there, the last time
 */
public record HostEntry(HostState state, Instant since, Map<VmId, Instant> placed) {
    HostEntry and(HostEvent event, Instant at) {
        HostState after = state.evolve(event);
        return new HostEntry(after, after.phase() == state.phase() ? since : at, placed(event, at));
    }

    private Map<VmId, Instant> placed(HostEvent event, Instant at) {
        if (!(event instanceof HostEvent.VmPlaced || event instanceof HostEvent.VmRemoved)) {
            return placed;
        }
        var then = new HashMap<>(placed);
        if (event instanceof HostEvent.VmPlaced vm) {
            then.put(vm.vm(), at);
        } else if (event instanceof HostEvent.VmRemoved vm) {
            then.remove(vm.vm());
        }
        return Map.copyOf(then);
    }
}
