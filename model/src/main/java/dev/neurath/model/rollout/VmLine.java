package dev.neurath.model.rollout;

import dev.neurath.model.vm.Pause;
import org.jspecify.annotations.Nullable;

/**
 * One VM's progress in a rollout.
 *
 * @param attemptNumber of the last attempt, the number of its token; 0 before the first
 * @param attempts how many were begun
 * @param hop index of the hand-over of its way that is tried now or next
 * @param method index of the candidate that is tried now or next
 * @param pause of the last attempt, as far as known
 * @param reason code of how it ended, or empty
 * @param sentence how it ended, or empty
 */
public record VmLine(
        Progress progress,
        int attemptNumber,
        int attempts,
        int hop,
        int method,
        @Nullable Pause pause,
        String reason,
        String sentence) {
    static final VmLine FRESH = new VmLine(Progress.WAITING, 0, 0, 0, 0, null, "", "");

    VmLine begun(int number) {
        return new VmLine(Progress.IN_FLIGHT, number, attempts + 1, hop, method, null, "", "");
    }

    VmLine ended(Progress end, @Nullable Pause took, String code, String why) {
        return new VmLine(end, attemptNumber, attempts, hop, method, took, code, why);
    }

    VmLine withNextMethod(String code, String why) {
        return new VmLine(Progress.WAITING, attemptNumber, attempts, hop, method + 1, null, code, why);
    }

    VmLine putBack(String code, String why) {
        return new VmLine(Progress.WAITING, attemptNumber, attempts, hop, method, null, code, why);
    }

    VmLine atNextHop(@Nullable Pause took, String code, String why) {
        return new VmLine(Progress.WAITING, attemptNumber, attempts, hop + 1, 0, took, code, why);
    }

    /** From where it stands: what is behind it stays done. */
    VmLine again() {
        return new VmLine(Progress.WAITING, attemptNumber, attempts, hop, 0, null, "", "");
    }
}
