package dev.neurath.model.rollout;

import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.VmEvent;
import java.time.Instant;
import java.util.Optional;

/** Translates how a VM's attempt ended into the rollout's own words. */
final class VmEnds {
    /** The agent cannot use this method here; another one may do. */
    private static final String METHOD_NOT_POSSIBLE = "METHOD_NOT_POSSIBLE";

    private VmEnds() {}

    /** @return empty if {@code told} is no end of an attempt */
    static Optional<RolloutEvent> of(RolloutCommand.VmEnded told, VmLine line, Plan.Assignment part, Instant now) {
        return Optional.ofNullable(
                switch (told.end()) {
                    case VmEvent.Verified e ->
                        end(
                                told,
                                Progress.UPGRADED,
                                e.health() == Health.UNKNOWN ? "HEALTH_UNKNOWN" : "",
                                e.evidence(),
                                now);
                    case VmEvent.GuestSilent e -> end(told, Progress.QUARANTINED, Gate.GUEST_SILENT, e.evidence(), now);
                    case VmEvent.DoubleRunFound e -> end(told, Progress.QUARANTINED, "DOUBLE_RUN", e.sentence(), now);
                    case VmEvent.RolledBack e -> end(told, Progress.AS_IT_WAS, e.reason(), e.sentence(), now);
                    case VmEvent.AttemptClosed e ->
                        end(
                                told,
                                Progress.AS_IT_WAS,
                                "NEVER_BEGUN",
                                "The agent never did anything under generation " + e.generation() + ".",
                                now);
                    case VmEvent.UpgradeRefused e ->
                        refused(told.vm(), told.attemptNumber(), e.refusal(), line, part, now);
                    case VmEvent.Ended e -> end(told, Progress.GONE, e.reason(), e.sentence(), now);
                    case VmEvent.HostDeclaredDead e -> end(told, Progress.GONE, "GONE_WITH_HOST", e.evidence(), now);
                    case VmEvent.Lost e -> end(told, Progress.LOST, "LOST", e.sentence(), now);
                    case VmEvent.StartOrdered e -> null;
                    case VmEvent.Started e -> null;
                    case VmEvent.StartFailed e -> null;
                    case VmEvent.UpgradeBegun e -> null;
                    case VmEvent.Prepared e -> null;
                    case VmEvent.SwitchAuthorized e -> null;
                    case VmEvent.HandedOver e -> null;
                    case VmEvent.ContactLost e -> null;
                    case VmEvent.StopOrdered e -> null;
                    case VmEvent.HoldPlaced e -> null;
                    case VmEvent.HoldLifted e -> null;
                    case VmEvent.Released e -> null;
                    case VmEvent.RevisionSeen e -> null;
                });
    }

    /** The next candidate method is tried when this one is not possible; any other refusal stands. */
    static RolloutEvent refused(
            VmId vm, int attemptNumber, Refusal refusal, VmLine line, Plan.Assignment part, Instant now) {
        boolean another = refusal.code().equals(METHOD_NOT_POSSIBLE)
                && line.method() + 1 < part.methods().size();
        return another
                ? new RolloutEvent.MethodRefused(vm, attemptNumber, refusal, now)
                : new RolloutEvent.VmEnded(
                        vm, attemptNumber, Progress.REFUSED, null, refusal.code(), refusal.sentence(), now);
    }

    private static RolloutEvent end(
            RolloutCommand.VmEnded told, Progress end, String reason, String sentence, Instant now) {
        return new RolloutEvent.VmEnded(told.vm(), told.attemptNumber(), end, told.pause(), reason, sentence, now);
    }
}
