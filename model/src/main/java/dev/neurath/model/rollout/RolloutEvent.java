package dev.neurath.model.rollout;

import dev.neurath.model.Actor;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Pause;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happened to a rollout. Past tense; durable before anything follows from it. */
public sealed interface RolloutEvent {
    Instant at();

    record Applied(Plan plan, Actor by, Instant at) implements RolloutEvent {}

    /** Its token is held; from here on the attempt is in flight. */
    record VmStarted(VmId vm, int attemptNumber, Method method, Instant at) implements RolloutEvent {}

    /** @param pause null if the guest was never stopped as far as known */
    record VmEnded(
            VmId vm,
            int attemptNumber,
            Progress end,
            @Nullable Pause pause,
            String reason,
            String sentence,
            Instant at) implements RolloutEvent {}

    /** It runs the next release of its way, and waits for the hand-over to the one after. */
    record HopDone(VmId vm, int attemptNumber, @Nullable Pause pause, String reason, String sentence, Instant at)
            implements RolloutEvent {}

    /** The agent cannot use this method for this VM, and there is another candidate. */
    record MethodRefused(VmId vm, int attemptNumber, Refusal refusal, Instant at) implements RolloutEvent {}

    /** The attempt was closed before it touched the guest, for a reason that lies between coordinator and agent: the VM waits for another one. */
    record VmPutBack(VmId vm, int attemptNumber, String reason, String sentence, Instant at) implements RolloutEvent {}

    /** The wave is done. */
    record BakeBegun(int wave, Instant until, boolean manual, Instant at) implements RolloutEvent {}

    /** The next wave begins. */
    record Promoted(int wave, Actor by, Instant at) implements RolloutEvent {}

    record Paused(String code, String sentence, Actor by, Instant at) implements RolloutEvent {}

    /** What was counted against the limits so far has been looked at: counting begins anew. */
    record Resumed(Actor by, Instant at) implements RolloutEvent {}

    /** @param failing true: by its own limits, it will be FAILED; false: by a human, it will be ABORTED */
    record AbortBegun(String code, String sentence, boolean failing, Actor by, Instant at) implements RolloutEvent {}

    record Aborted(Instant at) implements RolloutEvent {}

    record Failed(String code, String sentence, Instant at) implements RolloutEvent {}

    record Completed(Instant at) implements RolloutEvent {}

    record VmsRetried(List<VmId> vms, Actor by, Instant at) implements RolloutEvent {
        public VmsRetried {
            vms = List.copyOf(vms);
        }
    }

    /**
     * A new rollout shall take upgraded VMs back.
     *
     * @param rollout its id
     * @param vms empty = all that were upgraded when this one has come to rest
     */
    record RevertRequested(RolloutId rollout, List<VmId> vms, Actor by, Instant at) implements RolloutEvent {
        public RevertRequested {
            vms = List.copyOf(vms);
        }
    }

    /** @param refusal why there is no such rollout; null = it was applied */
    record RevertAnswered(RolloutId rollout, @Nullable Refusal refusal, Instant at) implements RolloutEvent {}
}
