package dev.neurath.coordinator.fleet;

import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.time.Instant;

/**
 * A VM as this node sees it.
 *
 * @param since when it came into its phase
 * @param started when its start was ordered, the last time
 */
public record VmEntry(VmState state, Instant since, Instant started, VmSpans spans) {
    VmEntry and(long sequence, VmEvent event, Instant at) {
        VmState after = state.evolve(event);
        return new VmEntry(
                after,
                after.phase() == state.phase() ? since : at,
                event instanceof VmEvent.StartOrdered ? at : started,
                spans.and(sequence, event, after));
    }
}
