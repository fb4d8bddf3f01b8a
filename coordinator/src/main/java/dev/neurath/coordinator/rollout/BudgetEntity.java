package dev.neurath.coordinator.rollout;

import dev.neurath.coordinator.fleet.Subject;
import dev.neurath.model.Decision;
import dev.neurath.model.RolloutId;
import dev.neurath.model.budget.BudgetCommand;
import dev.neurath.model.budget.BudgetEffect;
import dev.neurath.model.budget.BudgetEvent;
import dev.neurath.model.budget.BudgetRules;
import dev.neurath.model.budget.BudgetState;
import dev.neurath.model.rollout.RolloutCommand;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The one owner of all budget tokens.
 *
 * <p>Who was denied is remembered here, in memory only: it spares the rollouts a wait until their own next tick, which comes anyway.
 */
final class BudgetEntity implements EntityRules<BudgetState, BudgetCommand, BudgetEvent, BudgetEffect> {
    private final FleetEntities entities;
    private final Set<RolloutId> denied = new LinkedHashSet<>();

    BudgetEntity(FleetEntities entities) {
        this.entities = entities;
    }

    @Override
    public String kind() {
        return Subject.BUDGET;
    }

    @Override
    public BudgetState initial(String id) {
        return BudgetState.initial();
    }

    @Override
    public BudgetState evolve(BudgetState state, BudgetEvent event) {
        return state.evolve(event);
    }

    @Override
    public Decision<BudgetEvent, BudgetEffect> decide(BudgetState state, BudgetCommand command, Instant now) {
        return BudgetRules.decide(state, command);
    }

    @Override
    public List<BudgetEffect> effectsDue(BudgetState state, Instant now) {
        return BudgetRules.effectsDue(state);
    }

    @Override
    public Optional<BudgetCommand> tick(BudgetState state) {
        return Optional.empty();
    }

    @Override
    public synchronized void run(String id, BudgetEffect effect) {
        switch (effect) {
            case BudgetEffect.Grant grant ->
                entities.tellRollout(grant.rollout(), new RolloutCommand.TokenGranted(grant.vm(), grant.number()));
            case BudgetEffect.Deny deny -> {
                denied.add(deny.rollout());
                entities.tellRollout(deny.rollout(), new RolloutCommand.TokenDenied(deny.vm(), deny.refusal()));
            }
            case BudgetEffect.WakeDenied wake -> {
                denied.forEach(rollout -> entities.tellRollout(rollout, new RolloutCommand.Tick()));
                denied.clear();
            }
        }
    }
}
