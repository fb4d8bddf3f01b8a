package dev.neurath.coordinator.traces;

import dev.neurath.coordinator.fleet.VmChanges;
import dev.neurath.coordinator.fleet.VmEntry;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers each attempt's events until it has ended, and hands it on then: a trace is told once, as a whole, and never by half.
 *
 * <p>An event that was seen already changes nothing; an attempt whose beginning was not seen is left out. It holds no more than the attempts in flight,
 * which the budget bounds.
 */
final class OpenAttempts implements VmChanges {
    private final FleetId fleet;
    private final Consumer<EndedAttempt> ended;
    private final Map<VmId, Draft> drafts = new HashMap<>();

    /** @param ended must not block or throw */
    OpenAttempts(FleetId fleet, Consumer<EndedAttempt> ended) {
        this.fleet = fleet;
        this.ended = ended;
    }

    @Override
    public void changed(VmEntry before, VmEvent event, VmEntry after) {
        VmId vm = after.state().id();
        if (event instanceof VmEvent.UpgradeBegun begun) {
            drafts.compute(
                    vm,
                    (id, known) -> known != null && known.isOf(begun.attempt().generation())
                            ? known
                            : new Draft(before, begun, after));
            return;
        }
        Draft draft = drafts.get(vm);
        if (draft == null
                || draft.phase != before.state().phase()
                || draft.phase == after.state().phase()) {
            return;
        }
        draft.add(event, after);
        if (!after.state().inFlight()) {
            drafts.remove(vm);
            ended.accept(draft.finished(event));
        }
    }

    private final class Draft {
        private final VmEntry before;
        private final VmEvent.UpgradeBegun begun;
        private final List<EndedAttempt.Stage> stages = new ArrayList<>();
        private VmPhase phase;
        private Instant since;
        private EndedAttempt.@Nullable Told pause;
        private @Nullable Revision to;

        private Draft(VmEntry before, VmEvent.UpgradeBegun begun, VmEntry after) {
            this.before = before;
            this.begun = begun;
            this.phase = after.state().phase();
            this.since = after.since();
        }

        private boolean isOf(Generation generation) {
            return begun.attempt().generation().equals(generation);
        }

        private void add(VmEvent event, VmEntry after) {
            if (event instanceof VmEvent.HandedOver handedOver) {
                to = handedOver.revision();
                told(handedOver.pause(), after);
            } else if (event instanceof VmEvent.RolledBack rolledBack) {
                told(rolledBack.pause(), after);
            }
            stages.add(new EndedAttempt.Stage(phase, since, after.since()));
            phase = after.state().phase();
            since = after.since();
        }

        private void told(Pause told, VmEntry after) {
            pause = new EndedAttempt.Told(told, phase, after.since());
        }

        private EndedAttempt finished(VmEvent end) {
            Attempt attempt = begun.attempt();
            return new EndedAttempt(
                    new AttemptKey(fleet, before.state().id(), before.started(), attempt.generation()),
                    before.state().host(),
                    begun.attemptNumber(),
                    attempt,
                    before.state().revision(),
                    to,
                    earlier(before.state().attempt(), attempt),
                    stages,
                    pause,
                    end);
        }

        private static @Nullable Generation earlier(@Nullable Attempt last, Attempt attempt) {
            return last != null && last.rollout().equals(attempt.rollout()) ? last.generation() : null;
        }
    }
}
