package dev.neurath.model.rollout;

import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.VmEvent;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Translates how a VM's attempt ended into the rollout's own words. */
final class VmEnds {
    /** The agent cannot use this method here; another one may do. */
    private static final String METHOD_NOT_POSSIBLE = "METHOD_NOT_POSSIBLE";

    /** Contact was lost between coordinator and agent, and the agent ended what it had begun: nothing is said about the guest or the releases. */
    private static final Set<String> OUT_OF_CONTACT = Set.of(
            "NEVER_BEGUN",
            "CLOSED",
            "CLOSED_BY_COORDINATOR",
            "LEASE_EXPIRED",
            "ORDER_TOO_LATE",
            // Agents are upgraded, too. Not once the guest may have been stopped: see where it is asked.
            "AGENT_RESTARTED",
            // The agent ended between a rehearsal that was passed and the hand-over.
            "REHEARSED");

    /** A VM that is out of contact so often is a matter for humans. */
    private static final int MOST_ATTEMPTS = 5;

    private VmEnds() {}

    /** @return empty if {@code told} is no end of an attempt */
    static Optional<RolloutEvent> of(RolloutCommand.VmEnded told, VmLine line, Plan.Assignment part, Instant now) {
        return Optional.ofNullable(
                switch (told.end()) {
                    case VmEvent.Verified e -> verified(told, e, line, part, now);
                    case VmEvent.GuestSilent e -> end(told, Progress.QUARANTINED, Gate.GUEST_SILENT, e.evidence(), now);
                    case VmEvent.DoubleRunFound e -> end(told, Progress.QUARANTINED, "DOUBLE_RUN", e.sentence(), now);
                    case VmEvent.RolledBack e ->
                        !e.reachedSwitching() && isPutBack(e.reason(), line)
                                ? putBack(told, e.reason(), e.sentence(), now)
                                : end(told, Progress.AS_IT_WAS, e.reason(), onTheWay(e.sentence(), line, part), now);
                    case VmEvent.AttemptClosed e -> closed(told, e, line, part, now);
                    case VmEvent.UpgradeRefused e ->
                        refused(told.vm(), told.attemptNumber(), e.refusal(), line, part, now);
                    case VmEvent.Ended e -> end(told, Progress.GONE, e.reason(), e.sentence(), now);
                    case VmEvent.HostDeclaredDead e -> end(told, Progress.GONE, "GONE_WITH_HOST", e.evidence(), now);
                    case VmEvent.Lost e -> end(told, Progress.LOST, "LOST", e.sentence(), now);
                    case VmEvent.StartOrdered e -> null;
                    case VmEvent.AdoptOrdered e -> null;
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

    private static RolloutEvent verified(
            RolloutCommand.VmEnded told, VmEvent.Verified verified, VmLine line, Plan.Assignment part, Instant now) {
        String reason = verified.health() == Health.UNKNOWN ? "HEALTH_UNKNOWN" : "";
        return part.isLast(line.hop())
                ? end(told, Progress.UPGRADED, reason, verified.evidence(), now)
                : new RolloutEvent.HopDone(
                        told.vm(), told.attemptNumber(), told.pause(), reason, verified.evidence(), now);
    }

    /** "As it was" is where its last hop began: whoever reads it has to know that this is not where the rollout found it. */
    private static String onTheWay(String sentence, VmLine line, Plan.Assignment part) {
        return line.hop() == 0
                ? sentence
                : "%s It stays on release %s, after %d of %d hops."
                        .formatted(
                                sentence,
                                part.hops().get(line.hop()).from(),
                                line.hop(),
                                part.hops().size());
    }

    /** The next candidate method is tried when this one is not possible; any other refusal stands. */
    static RolloutEvent refused(
            VmId vm, int attemptNumber, Refusal refusal, VmLine line, Plan.Assignment part, Instant now) {
        if (isPutBack(refusal.code(), line)) {
            return new RolloutEvent.VmPutBack(vm, attemptNumber, refusal.code(), refusal.sentence(), now);
        }
        boolean another = refusal.code().equals(METHOD_NOT_POSSIBLE)
                && line.method() + 1 < part.hops().get(line.hop()).methods().size();
        return another
                ? new RolloutEvent.MethodRefused(vm, attemptNumber, refusal, now)
                : new RolloutEvent.VmEnded(
                        vm,
                        attemptNumber,
                        Progress.REFUSED,
                        null,
                        refusal.code(),
                        onTheWay(refusal.sentence(), line, part),
                        now);
    }

    private static RolloutEvent closed(
            RolloutCommand.VmEnded told, VmEvent.AttemptClosed closed, VmLine line, Plan.Assignment part, Instant now) {
        String code = "NEVER_BEGUN";
        String sentence = "The agent never did anything under generation " + closed.generation() + ".";
        return isPutBack(code, line)
                ? putBack(told, code, sentence, now)
                : end(told, Progress.AS_IT_WAS, code, onTheWay(sentence, line, part), now);
    }

    private static boolean isPutBack(String reason, VmLine line) {
        return OUT_OF_CONTACT.contains(reason) && line.attempts() < MOST_ATTEMPTS;
    }

    private static RolloutEvent putBack(RolloutCommand.VmEnded told, String reason, String sentence, Instant now) {
        return new RolloutEvent.VmPutBack(told.vm(), told.attemptNumber(), reason, sentence, now);
    }

    private static RolloutEvent end(
            RolloutCommand.VmEnded told, Progress end, String reason, String sentence, Instant now) {
        return new RolloutEvent.VmEnded(told.vm(), told.attemptNumber(), end, told.pause(), reason, sentence, now);
    }
}
