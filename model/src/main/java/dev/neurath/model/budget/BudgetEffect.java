package dev.neurath.model.budget;

import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;

/** What follows from the budget's durable event. */
public sealed interface BudgetEffect {
    record Grant(RolloutId rollout, VmId vm, int number) implements BudgetEffect {}

    record Deny(RolloutId rollout, VmId vm, Refusal refusal) implements BudgetEffect {}

    /** Room came free or the fleet was thawed: whoever was denied may ask again, longest waiting first. */
    record WakeDenied() implements BudgetEffect {}
}
