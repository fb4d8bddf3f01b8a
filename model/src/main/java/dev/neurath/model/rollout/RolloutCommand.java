package dev.neurath.model.rollout;

import dev.neurath.model.Actor;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a rollout can be asked or told. */
public sealed interface RolloutCommand {
    record Apply(Plan plan, Actor by) implements RolloutCommand {}

    /** From a VM ({@link dev.neurath.model.vm.VmEffect.Tell}). */
    record VmEnded(
            VmId vm,
            int attemptNumber,
            VmEvent end,
            @Nullable Pause pause) implements RolloutCommand {}

    /** A VM refused the order: nothing was begun. */
    record VmRefused(VmId vm, int attemptNumber, Refusal refusal) implements RolloutCommand {}

    /** From the budget's owner; repeated from time to time for every token that it thinks this rollout holds. */
    record TokenGranted(VmId vm, int number) implements RolloutCommand {}

    record TokenDenied(VmId vm, Refusal refusal) implements RolloutCommand {}

    /** Time goes by: at least when {@link RolloutEffect.AwaitBake} says, and every few seconds while RUNNING. */
    record Tick() implements RolloutCommand {}

    record PauseRollout(String reason, Actor by) implements RolloutCommand {}

    record Resume(Actor by) implements RolloutCommand {}

    /** Ends a wave's bake now. */
    record Promote(Actor by) implements RolloutCommand {}

    record Abort(String reason, Actor by) implements RolloutCommand {}

    /** @param vms empty = all that ended as they were or were refused */
    record Retry(List<VmId> vms, Actor by) implements RolloutCommand {
        public Retry {
            vms = List.copyOf(vms);
        }
    }

    /** @param vms empty = all that were upgraded */
    record Revert(List<VmId> vms, Actor by) implements RolloutCommand {
        public Revert {
            vms = List.copyOf(vms);
        }
    }

    /** Answers {@link RolloutEffect.StartRevert}; {@code refusal} null = the rollout back was applied. */
    record RevertAnswer(RolloutId rollout, @Nullable Refusal refusal) implements RolloutCommand {}
}
