package dev.neurath.coordinator.fleet;

import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostState;
import java.time.Instant;

/**
 * A host as this node sees it.
 *
 * @param since when it came into its phase
 */
public record HostEntry(HostState state, Instant since) {
    HostEntry and(HostEvent event, Instant at) {
        HostState after = state.evolve(event);
        return new HostEntry(after, after.phase() == state.phase() ? since : at);
    }
}
