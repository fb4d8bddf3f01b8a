package dev.neurath.model.rollout;

import dev.neurath.model.Refusal;
import dev.neurath.model.fleet.Preflight;
import dev.neurath.model.fleet.PreflightFacts;
import dev.neurath.model.release.Release;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The methods of one VM in the order in which they are tried, each accepted or refused with a reason.
 *
 * <p>{@code hand-over} is cpr-transfer and then shared RAM. What nobody knows beforehand the agent finds out while the guest runs on, and the next
 * candidate follows.
 */
record Candidates(Preflight preflight, PreflightFacts facts) {
    List<Plan.Candidate> of(List<MethodChoice> prefer) {
        var order = new LinkedHashSet<Method>();
        for (MethodChoice choice : prefer) {
            switch (choice) {
                case CPR_TRANSFER -> order.add(Method.CPR_TRANSFER);
                case SHARED_RAM -> order.add(Method.SHARED_RAM);
                case HAND_OVER -> {
                    order.add(Method.CPR_TRANSFER);
                    order.add(Method.SHARED_RAM);
                }
                // Between hosts: no candidate on this one.
                case MIGRATE -> {}
            }
        }
        var candidates = new ArrayList<Plan.Candidate>();
        for (Method method : order) {
            candidates.add(
                    new Plan.Candidate(method, preflight.refuses(facts, method).orElse(null)));
        }
        return candidates;
    }

    /** @return one reason for a VM that no candidate can take */
    static Refusal noneHolds(VmState vm, Release to, List<Plan.Candidate> refused) {
        List<Refusal> reasons = refused.stream()
                .map(Plan.Candidate::refusal)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        long codes = reasons.stream().map(Refusal::code).distinct().count();
        if (codes == 1) {
            return reasons.getFirst();
        }
        String why = refused.isEmpty()
                ? "the intent names none that works on one host"
                : reasons.stream().map(Refusal::sentence).collect(Collectors.joining(" "));
        return Refusal.of(
                "METHOD_NOT_POSSIBLE",
                "No method takes VM %s to release %s: %s".formatted(vm.id(), to.id(), why),
                "name hand-over in method.prefer, or leave the VM out by a label selector");
    }
}
