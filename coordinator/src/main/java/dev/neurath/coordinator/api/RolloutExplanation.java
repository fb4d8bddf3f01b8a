package dev.neurath.coordinator.api;

import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.model.budget.Freeze;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.rollout.Progress;
import dev.neurath.model.rollout.RolloutState;
import dev.neurath.model.rollout.VmLines;
import dev.neurath.model.vm.VmPhase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.StringJoiner;

/** Why a rollout is where it is. */
final class RolloutExplanation {
    private RolloutExplanation() {}

    static Explanation of(RolloutState rollout, FleetFacts fleet, Instant now) {
        RolloutState.Halt halt = rollout.halt();
        Plan plan = Objects.requireNonNull(rollout.plan(), "plan of a rollout that has events");
        Instant since = halt != null ? halt.at() : rollout.endedAt() != null ? rollout.endedAt() : rollout.startedAt();
        return new Explanation(
                "Rollout %s (%s) to release %s is %s%s, in wave %d of %d%s."
                        .formatted(
                                rollout.id(),
                                plan.name(),
                                plan.release(),
                                rollout.phase(),
                                halt == null ? "" : " (" + halt.code() + ")",
                                rollout.wave() + 1,
                                plan.waves().size(),
                                since == null ? "" : ", " + Explanation.since(since, now)),
                halt == null ? counts(rollout.lines()) : halt.sentence() + " " + counts(rollout.lines()),
                "Every VM is upgraded or as it was; what is in flight ends by itself, whatever becomes of this rollout.",
                blocks(rollout, plan, fleet),
                canDo(rollout, fleet));
    }

    private static String counts(VmLines lines) {
        var parts = new StringJoiner(", ", "VMs: ", ".");
        for (Progress progress : Progress.values()) {
            int count = lines.count(progress);
            if (count > 0) {
                parts.add(count + " " + progress.name().toLowerCase(Locale.ROOT).replace('_', ' '));
            }
        }
        return parts.toString();
    }

    private static String blocks(RolloutState rollout, Plan plan, FleetFacts fleet) {
        Freeze freeze = fleet.budget().frozen();
        if (!rollout.isAtRest() && freeze != null) {
            return "It waits: the fleet was frozen by %s: %s"
                    .formatted(freeze.by().name(), freeze.reason());
        }
        List<String> uncertain = uncertain(rollout, fleet);
        if (!uncertain.isEmpty()) {
            return "It waits for VMs that are UNCERTAIN: " + String.join(", ", uncertain) + ".";
        }
        return switch (rollout.phase()) {
            case BAKING ->
                plan.waves().get(rollout.wave()).manual()
                        ? "It waits for somebody to promote it."
                        : "It watches its wave until %s.".formatted(rollout.bakeUntil());
            case PAUSED -> "It waits for somebody to resume or abort it.";
            case RUNNING, ABORTING -> "It waits for what is in flight, and for room in the budget.";
            case ABSENT, COMPLETE, ABORTED, FAILED -> "Nothing.";
        };
    }

    private static List<String> uncertain(RolloutState rollout, FleetFacts fleet) {
        var found = new ArrayList<String>();
        VmLines lines = rollout.lines();
        for (int i = 0; i < lines.size() && found.size() < 5; i++) {
            var id = lines.assignment(i).vm();
            if (lines.get(i).progress() == Progress.IN_FLIGHT
                    && fleet.vm(id)
                            .map(vm -> vm.state().phase() == VmPhase.UNCERTAIN)
                            .orElse(false)) {
                found.add(id.value());
            }
        }
        return found;
    }

    private static List<String> canDo(RolloutState rollout, FleetFacts fleet) {
        String id = rollout.id().value();
        var can = new ArrayList<String>();
        if (!rollout.isAtRest() && fleet.budget().frozen() != null) {
            can.add("neurath thaw");
        }
        uncertain(rollout, fleet).forEach(vm -> can.add("neurath explain " + vm));
        switch (rollout.phase()) {
            case RUNNING -> can.add("neurath rollout pause " + id);
            case BAKING -> can.add("neurath rollout promote " + id);
            case PAUSED -> {
                can.add("neurath rollout resume " + id);
                can.add("neurath rollout abort " + id);
            }
            case COMPLETE, ABORTED, FAILED -> {
                if (rollout.lines().count(Progress.AS_IT_WAS) + rollout.lines().count(Progress.REFUSED) > 0) {
                    can.add("neurath rollout retry " + id);
                }
                if (rollout.lines().count(Progress.UPGRADED) > 0) {
                    can.add("neurath rollout revert " + id);
                }
            }
            case ABSENT, ABORTING -> {}
        }
        if (rollout.halt() != null) {
            can.add("neurath explain " + rollout.halt().code());
        }
        can.add("neurath rollout show " + id);
        return List.copyOf(can);
    }
}
