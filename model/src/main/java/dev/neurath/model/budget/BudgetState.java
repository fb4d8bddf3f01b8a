package dev.neurath.model.budget;

import dev.neurath.model.VmId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every token held in the fleet: the fold of the budget's events. It changes in {@link #evolve} and nowhere else.
 *
 * @param lastNumber of the newest token ever granted
 * @param fleet limits over all rollouts
 * @param frozen why nothing new starts, or null
 */
public record BudgetState(
        int lastNumber,
        SortedMap<VmId, Token> tokens,
        Budget fleet,
        @Nullable Freeze frozen) {
    public BudgetState {
        tokens = Collections.unmodifiableSortedMap(tokens);
    }

    public static BudgetState initial() {
        return new BudgetState(0, new TreeMap<>(), Budget.UNLIMITED, null);
    }

    public BudgetState evolve(BudgetEvent event) {
        return switch (event) {
            case BudgetEvent.TokenGranted e -> {
                Token token = e.token();
                var next = new TreeMap<>(tokens);
                if (next.put(token.place().vm(), token) != null) {
                    throw new IllegalStateException(
                            "second token for VM " + token.place().vm());
                }
                yield new BudgetState(token.number(), next, fleet, frozen);
            }
            case BudgetEvent.TokenReleased e -> {
                var next = new TreeMap<>(tokens);
                next.remove(e.vm());
                yield new BudgetState(lastNumber, next, fleet, frozen);
            }
            case BudgetEvent.Frozen e -> new BudgetState(lastNumber, tokens, fleet, e.freeze());
            case BudgetEvent.Thawed e -> new BudgetState(lastNumber, tokens, fleet, null);
            case BudgetEvent.FleetBudgetSet e -> new BudgetState(lastNumber, tokens, e.budget(), frozen);
        };
    }
}
