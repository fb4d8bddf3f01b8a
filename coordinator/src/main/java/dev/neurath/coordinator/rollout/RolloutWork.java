package dev.neurath.coordinator.rollout;

import dev.neurath.coordinator.fleet.FleetProjection;
import dev.neurath.model.Actor;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.BudgetCommand;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.rollout.Planned;
import dev.neurath.model.rollout.RolloutCommand;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.persistence.events.UnreadableHistory;
import dev.neurath.vm.VmActor;
import dev.neurath.vm.VmActors;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries a rollout's effects to VMs, budget and planner, and what they answer back to the rollout. */
public final class RolloutWork implements RolloutPorts {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutWork.class);

    private final VmActors vms;
    private final FleetEntities entities;
    private final FleetProjection projection;
    private final FleetPlanner planner;
    private final Duration readPatience;

    public RolloutWork(
            VmActors vms,
            FleetEntities entities,
            FleetProjection projection,
            FleetPlanner planner,
            Duration readPatience) {
        this.vms = vms;
        this.entities = entities;
        this.projection = projection;
        this.planner = planner;
        this.readPatience = readPatience;
    }

    @Override
    public void budget(BudgetCommand command) {
        entities.tellBudget(command);
    }

    @Override
    public void upgrade(RolloutId rollout, VmId vm, VmCommand.Upgrade order) {
        vms.ask(vm, order).thenAccept(reply -> {
            if (reply instanceof VmActor.Refused refused && !UnreadableHistory.saidBy(refused.refusal())) {
                entities.tellRollout(
                        rollout, new RolloutCommand.VmRefused(vm, order.attemptNumber(), refused.refusal()));
            }
            // Unavailable, or on a node that is too old for it: the order is repeated. Accepted: the VM itself tells
            // how it ended.
        });
    }

    @Override
    public void revert(RolloutId rollout, RolloutId back, Plan done, List<VmId> wanted) {
        Thread.ofVirtual().name("plan-revert").start(() -> planBack(rollout, back, done, wanted));
    }

    private void planBack(RolloutId rollout, RolloutId back, Plan done, List<VmId> wanted) {
        try {
            if (!projection.catchUp(readPatience)) {
                return; // Asked again by the rollout's own repetition, when this node's view may be fresh.
            }
            if (projection.read(fleet -> fleet.rollout(back)).isPresent()) {
                // Applied before, and the answer was lost: planned anew, on a fleet on its way back, it would be
                // another plan.
                answer(rollout, back, null);
                return;
            }
            Planned planned = projection.read(fleet -> planner.back(done, new HashSet<>(wanted), fleet));
            switch (planned) {
                case Planned.Refused refused -> answer(rollout, back, refused.refusal());
                case Planned.Made made ->
                    entities.askRollout(back, new RolloutCommand.Apply(made.plan(), new Actor("rollout/" + rollout)))
                            .thenAccept(reply -> applied(rollout, back, reply));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("The way back of rollout {} cannot be planned", rollout, e);
        }
    }

    private void applied(RolloutId rollout, RolloutId back, EntityReply reply) {
        if (reply instanceof EntityReply.Unavailable unavailable) {
            LOG.warn("Whether rollout {} was applied is not known: {}", back, unavailable.reason());
        }
        answered(back, reply).ifPresent(answer -> entities.tellRollout(rollout, answer));
    }

    /** @return empty if it is not known whether the way back runs; the rollout then asks again */
    static Optional<RolloutCommand.RevertAnswer> answered(RolloutId back, EntityReply reply) {
        return switch (reply) {
            case EntityReply.Accepted accepted -> Optional.of(new RolloutCommand.RevertAnswer(back, null));
            case EntityReply.Refused refused -> refusedBack(back, refused.refusal());
            case EntityReply.Unavailable unavailable -> Optional.empty();
        };
    }

    private static Optional<RolloutCommand.RevertAnswer> refusedBack(RolloutId back, Refusal why) {
        if (UnreadableHistory.saidBy(why)) {
            return Optional.empty();
        }
        // Its id is made for this one way back: what exists under it was applied by an earlier asking.
        return Optional.of(new RolloutCommand.RevertAnswer(back, why.code().equals("ROLLOUT_EXISTS") ? null : why));
    }

    private void answer(RolloutId rollout, RolloutId back, @Nullable Refusal refusal) {
        entities.tellRollout(rollout, new RolloutCommand.RevertAnswer(back, refusal));
    }
}
