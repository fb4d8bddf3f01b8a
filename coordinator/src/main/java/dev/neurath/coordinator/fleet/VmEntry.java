package dev.neurath.coordinator.fleet;

import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A VM as this node sees it.
 *
 * @param since when it came into its phase
 * @param into the event that brought it into its phase, or null if none did yet
 * @param started when its start or its adoption was ordered, the last time
 */
public record VmEntry(
        VmState state, Instant since, @Nullable VmEvent into, Instant started, VmSpans spans) {
    /** Before its first event, which is about to happen. */
    public static VmEntry absent(VmId id, Instant at) {
        return new VmEntry(VmState.initial(id), at, null, at, VmSpans.NONE);
    }

    public VmEntry and(long sequence, VmEvent event, Instant at) {
        VmState after = state.evolve(event);
        boolean stays = after.phase() == state.phase();
        return new VmEntry(
                after,
                stays ? since : at,
                stays ? into : event,
                event instanceof VmEvent.StartOrdered || event instanceof VmEvent.AdoptOrdered ? at : started,
                spans.and(sequence, event, after));
    }
}
