package dev.neurath.coordinator.traces;

import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An attempt from its first event to its last, as the journal tells it.
 *
 * @param number of its budget token
 * @param from what ran before
 * @param to what runs since; null if it was not handed over
 * @param earlier generation of the attempt before it, if that was for the same rollout: the hop before, another method, a retry
 * @param stages never empty; each begins where the one before ends
 * @param pause null if the agent never told
 * @param end the event that it ended with
 */
record EndedAttempt(
        AttemptKey key,
        @Nullable HostId host,
        int number,
        Attempt attempt,
        @Nullable Revision from,
        @Nullable Revision to,
        @Nullable Generation earlier,
        List<Stage> stages,
        @Nullable Told pause,
        VmEvent end) {
    EndedAttempt {
        stages = List.copyOf(stages);
    }

    /** How long the VM was in a phase. */
    record Stage(VmPhase phase, Instant from, Instant to) {}

    /**
     * What the agent said of the guest's pause.
     *
     * @param during the phase that the VM was in until then
     */
    record Told(Pause pause, VmPhase during, Instant at) {}

    Instant begun() {
        return stages.getFirst().from();
    }

    Instant ended() {
        return stages.getLast().to();
    }
}
