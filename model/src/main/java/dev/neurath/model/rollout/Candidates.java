package dev.neurath.model.rollout;

import dev.neurath.model.Refusal;
import dev.neurath.model.fleet.Preflight;
import dev.neurath.model.fleet.PreflightFacts;
import dev.neurath.model.release.Release;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmSpec;
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
record Candidates(Preflight preflight, PreflightFacts facts, RehearsalPolicy policy) {
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
            candidates.add(candidate(method));
        }
        return candidates;
    }

    private Plan.Candidate candidate(Method method) {
        Rehearsal usual = policy == RehearsalPolicy.ALWAYS ? Rehearsal.ADVISES : Rehearsal.NONE;
        return preflight
                .refuses(facts, method)
                .map(refusal -> mayStillPass(method)
                        ? new Plan.Candidate(method, null, Rehearsal.DECIDES)
                        : new Plan.Candidate(method, refusal, Rehearsal.NONE))
                .orElseGet(() -> new Plan.Candidate(method, null, usual));
    }

    /**
     * What was refused was the state that the running release gives a machine today. A guest that was born on another one brings a state of its own, which only
     * a rehearsal can show.
     */
    private boolean mayStillPass(Method method) {
        VmSpec spec = facts.vm().spec();
        Revision revision = facts.runs();
        boolean bornElsewhere =
                spec != null && revision != null && !spec.release().equals(revision.release());
        boolean wanted =
                policy == RehearsalPolicy.ALWAYS || (policy == RehearsalPolicy.WHEN_CLONE_REFUSED && bornElsewhere);
        return wanted && facts.proof() != null && preflight.refusesByStateOnly(facts, method);
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
