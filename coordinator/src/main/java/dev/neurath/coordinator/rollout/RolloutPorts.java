package dev.neurath.coordinator.rollout;

import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.BudgetCommand;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.vm.VmCommand;
import java.util.List;

/** Where a rollout's effects go. Nothing here blocks; everything may be lost and is repeated. */
interface RolloutPorts {
    void budget(BudgetCommand command);

    /** The VM's refusal, if any, comes back as a command; its end comes from the VM itself. */
    void upgrade(RolloutId rollout, VmId vm, VmCommand.Upgrade order);

    /** Plans the way back of {@code done} and applies it as {@code back}; the answer comes back as a command. */
    void revert(RolloutId rollout, RolloutId back, Plan done, List<VmId> vms);
}
