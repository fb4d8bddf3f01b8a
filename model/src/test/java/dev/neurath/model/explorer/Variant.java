package dev.neurath.model.explorer;

import dev.neurath.model.Transition;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.HandOverRules;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.Recovery;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules under test: the product's own, or the product's with one thing wrong.
 *
 * @param recovery the table that is the failure handler
 * @param steps the step function over it
 * @param dropped a row taken out of the VM's table
 * @param flaws what the agent and the coordinator around the rules do wrong
 */
record Variant(
        String name,
        Recovery recovery,
        StepRule steps,
        @Nullable Transition<VmPhase, VmEvent> dropped,
        Set<Flaw> flaws) {

    /** {@link HandOverRules#next}, or something near it. */
    interface StepRule {
        HandOver next(HandOver now, Input input);
    }

    static final Variant PRODUCT = new Variant("product", Recovery.STANDARD, HandOverRules::next, null, Set.of());

    static Variant flawed(Flaw flaw) {
        return new Variant(flaw.name(), Recovery.STANDARD, HandOverRules::next, null, EnumSet.of(flaw));
    }

    static Variant withRows(String name, List<Recovery.Row> rows) {
        var recovery = new Recovery(rows);
        return new Variant(name, recovery, (now, input) -> HandOverRules.next(recovery, now, input), null, Set.of());
    }

    static Variant withSteps(String name, StepRule steps) {
        return new Variant(name, Recovery.STANDARD, steps, null, Set.of());
    }

    static Variant without(Transition<VmPhase, VmEvent> row) {
        return new Variant(
                "VM table without " + row.from() + " on " + row.label(),
                Recovery.STANDARD,
                HandOverRules::next,
                row,
                Set.of());
    }

    boolean has(Flaw flaw) {
        return flaws.contains(flaw);
    }
}
