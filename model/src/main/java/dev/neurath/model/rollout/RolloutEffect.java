package dev.neurath.model.rollout;

import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.Budget;
import dev.neurath.model.budget.TokenRequest;
import dev.neurath.model.vm.VmCommand;
import java.time.Instant;
import java.util.List;

/** What follows from a rollout's durable event. All of them may be run again after a crash. */
public sealed interface RolloutEffect {
    /** To the budget's owner, who answers each with a grant or a denial. */
    record AcquireTokens(List<TokenRequest> wanted, Budget limits) implements RolloutEffect {
        public AcquireTokens {
            wanted = List.copyOf(wanted);
        }
    }

    /**
     * Ask for what there is room for now ({@link RolloutRules#dueAfter}). What that is takes a look at everything in flight, so of commands decided together
     * one look is enough, after the last.
     */
    record LookForTokens() implements RolloutEffect {}

    record ReleaseToken(VmId vm, int number) implements RolloutEffect {}

    record UpgradeVm(VmId vm, HostId host, VmCommand.Upgrade order) implements RolloutEffect {}

    /** Send {@link RolloutCommand.Tick} then. */
    record AwaitBake(Instant until) implements RolloutEffect {}

    /** Plan the way back ({@link Planner#back}), apply it under this id, and answer with {@link RolloutCommand.RevertAnswer}. */
    record StartRevert(RolloutId rollout, Plan plan, List<VmId> vms) implements RolloutEffect {
        public StartRevert {
            vms = List.copyOf(vms);
        }
    }

    /** It has come to rest. */
    record Finished(RolloutPhase phase) implements RolloutEffect {}
}
