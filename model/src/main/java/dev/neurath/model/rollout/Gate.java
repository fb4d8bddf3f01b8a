package dev.neurath.model.rollout;

import dev.neurath.model.vm.Pause;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what became of VMs and says whether the rollout may go on.
 *
 * <p>A refusal is no failure: nothing was begun. A guest that its owner ended is none either. Silence counts only where there was a sign of life
 * before, which the agent judged; and when most of a wave fell silent, the observer is blamed before the guests are.
 */
final class Gate {
    static final String GUEST_SILENT = "GUEST_SILENT";

    /** Ends that say nothing against the rollout. */
    private static final Set<String> ENDED_BY_WILL = Set.of("GONE_BY_OWNER", "GONE_BY_ITSELF");

    /** Two silent guests in one wave and fewer upgraded ones: one cause outside of them is likelier than two inside. */
    private static final int SUSPICIOUS = 2;

    /** @param code what the limit was for */
    record Breach(String code, String sentence) {}

    private Gate() {}

    static Trouble counted(RolloutEvent.VmEnded ended, Plan.Assignment part) {
        int tookTooLong = isLongerThan(ended.pause(), part.pauseLimit()) ? 1 : 0;
        return switch (ended.end()) {
            case UPGRADED -> new Trouble(0, 0, tookTooLong, 0);
            case QUARANTINED -> new Trouble(0, 1, tookTooLong, 0);
            case AS_IT_WAS -> new Trouble(1, 0, 0, 0);
            case GONE -> new Trouble(ENDED_BY_WILL.contains(ended.reason()) ? 0 : 1, 0, 0, 0);
            case LOST -> new Trouble(0, 0, 0, 1);
            case REFUSED, WAITING, IN_FLIGHT -> Trouble.NONE;
        };
    }

    static Trouble counted(RolloutEvent.HopDone done, Plan.Assignment part) {
        return new Trouble(0, 0, isLongerThan(done.pause(), part.pauseLimit()) ? 1 : 0, 0);
    }

    static Optional<Breach> breach(RolloutState rollout) {
        Trouble trouble = rollout.trouble();
        Limits limits = rollout.requirePlan().limits();
        if (trouble.lost() > 0) {
            return Optional.of(new Breach("VM_LOST", "%d VMs were lost.".formatted(trouble.lost())));
        }
        if (isObserverSuspect(rollout)) {
            return Optional.of(blameTheObserver(rollout));
        }
        return reached(trouble.failures(), limits.failures(), "LIMIT_FAILURES", "ended as they were by a failure")
                .or(() -> reached(trouble.quarantined(), limits.quarantined(), "LIMIT_QUARANTINED", "were quarantined"))
                .or(() -> reached(
                        trouble.overPause(), limits.overPause(), "LIMIT_PAUSE", "were paused for longer than allowed"));
    }

    static boolean isObserverSuspect(RolloutState rollout) {
        if (rollout.trouble().quarantined() < SUSPICIOUS) {
            return false;
        }
        VmLines lines = rollout.lines();
        int silent = 0;
        for (int i = lines.start(rollout.wave()); i < lines.start(rollout.wave() + 1); i++) {
            silent += lines.get(i).reason().equals(GUEST_SILENT) ? 1 : 0;
        }
        return silent >= SUSPICIOUS && silent > lines.count(rollout.wave(), Progress.UPGRADED);
    }

    static Breach blameTheObserver(RolloutState rollout) {
        return new Breach(
                "OBSERVER_SUSPECT",
                "More guests fell silent in wave %d than showed a sign of life: look at what observes them first."
                        .formatted(rollout.wave()));
    }

    private static Optional<Breach> reached(int count, int limit, String code, String what) {
        return limit >= 0 && count > 0 && count >= limit
                ? Optional.of(new Breach(code, "%d VMs %s; the limit is %d.".formatted(count, what, limit)))
                : Optional.empty();
    }

    private static boolean isLongerThan(@Nullable Pause pause, Duration limit) {
        return switch (pause) {
            case Pause.Measured measured -> measured.duration().compareTo(limit) > 0;
            case Pause.Unknown unknown -> unknown.atLeast().compareTo(limit) > 0;
            case Pause.None none -> false;
            case null -> false;
        };
    }
}
