package dev.neurath.model.budget;

import dev.neurath.model.VmId;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * Every token held in the fleet: the fold of the budget's events. It changes in {@link #evolve} and nowhere else.
 *
 * <p>With ten thousand tokens held, one more must not cost a copy of them all: the map shares what did not change.
 *
 * @param lastNumber of the newest token ever granted
 * @param fleet limits over all rollouts
 * @param frozen why nothing new starts, or null
 */
public record BudgetState(
        int lastNumber,
        PSortedMap<VmId, Token> tokens,
        Budget fleet,
        @Nullable Freeze frozen) {
    public static BudgetState initial() {
        return new BudgetState(0, TreePMap.empty(), Budget.UNLIMITED, null);
    }

    public BudgetState evolve(BudgetEvent event) {
        return switch (event) {
            case BudgetEvent.TokenGranted e -> {
                Token token = e.token();
                if (tokens.containsKey(token.place().vm())) {
                    throw new IllegalStateException(
                            "second token for VM " + token.place().vm());
                }
                yield new BudgetState(token.number(), tokens.plus(token.place().vm(), token), fleet, frozen);
            }
            case BudgetEvent.TokenReleased e -> new BudgetState(lastNumber, tokens.minus(e.vm()), fleet, frozen);
            case BudgetEvent.Frozen e -> new BudgetState(lastNumber, tokens, fleet, e.freeze());
            case BudgetEvent.Thawed e -> new BudgetState(lastNumber, tokens, fleet, null);
            case BudgetEvent.FleetBudgetSet e -> new BudgetState(lastNumber, tokens, e.budget(), frozen);
        };
    }
}
