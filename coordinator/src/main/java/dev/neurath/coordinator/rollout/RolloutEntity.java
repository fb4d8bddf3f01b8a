package dev.neurath.coordinator.rollout;

import dev.neurath.coordinator.fleet.Subject;
import dev.neurath.model.Decision;
import dev.neurath.model.RolloutId;
import dev.neurath.model.budget.BudgetCommand;
import dev.neurath.model.rollout.RolloutCommand;
import dev.neurath.model.rollout.RolloutEffect;
import dev.neurath.model.rollout.RolloutEvent;
import dev.neurath.model.rollout.RolloutRules;
import dev.neurath.model.rollout.RolloutState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A rollout: its waves by the rules, tokens from the budget's owner, orders to the VMs. */
final class RolloutEntity implements EntityRules<RolloutState, RolloutCommand, RolloutEvent, RolloutEffect> {
    private final RolloutPorts ports;

    RolloutEntity(RolloutPorts ports) {
        this.ports = ports;
    }

    @Override
    public String kind() {
        return Subject.ROLLOUT;
    }

    @Override
    public RolloutState initial(String id) {
        return RolloutState.initial(new RolloutId(id));
    }

    @Override
    public RolloutState evolve(RolloutState state, RolloutEvent event) {
        return state.evolve(event);
    }

    @Override
    public Decision<RolloutEvent, RolloutEffect> decide(RolloutState state, RolloutCommand command, Instant now) {
        return RolloutRules.decide(state, command, now);
    }

    @Override
    public List<RolloutEffect> effectsDue(RolloutState state, Instant now) {
        return RolloutRules.effectsDue(state, now);
    }

    @Override
    public Optional<RolloutCommand> tick(RolloutState state) {
        return state.isAtRest() ? Optional.empty() : Optional.of(new RolloutCommand.Tick());
    }

    @Override
    public List<RolloutEffect> stillDue(RolloutState after, List<RolloutEffect> effects, Instant now) {
        return RolloutRules.dueAfter(after, effects, now);
    }

    @Override
    public void run(String id, RolloutEffect effect) {
        var rollout = new RolloutId(id);
        switch (effect) {
            case RolloutEffect.AcquireTokens e ->
                ports.budget(new BudgetCommand.Acquire(rollout, e.wanted(), e.limits()));
            case RolloutEffect.LookForTokens e -> throw new IllegalStateException("its asks are run in its place");
            case RolloutEffect.ReleaseToken e -> ports.budget(new BudgetCommand.Release(rollout, e.vm(), e.number()));
            case RolloutEffect.UpgradeVm e -> ports.upgrade(rollout, e.vm(), e.order());
            case RolloutEffect.StartRevert e -> ports.revert(rollout, e.rollout(), e.plan(), e.vms());
            case RolloutEffect.AwaitBake e -> {
                // The tick comes every few seconds, which is as precise as a bake has to be.
            }
            case RolloutEffect.Finished e -> {
                // Everybody reads it from the feed.
            }
        }
    }
}
