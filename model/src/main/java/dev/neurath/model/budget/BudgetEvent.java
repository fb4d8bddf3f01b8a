package dev.neurath.model.budget;

import dev.neurath.model.Actor;
import dev.neurath.model.VmId;

/** What happened to the budget. */
public sealed interface BudgetEvent {
    record TokenGranted(Token token) implements BudgetEvent {}

    record TokenReleased(VmId vm, int number) implements BudgetEvent {}

    record Frozen(Freeze freeze) implements BudgetEvent {}

    record Thawed(Actor by) implements BudgetEvent {}

    record FleetBudgetSet(Budget budget, Actor by) implements BudgetEvent {}
}
