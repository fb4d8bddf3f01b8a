package dev.neurath.model.rollout;

import dev.neurath.model.budget.Budget;
import dev.neurath.model.budget.Tally;
import dev.neurath.model.budget.TokenRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Which waiting VMs a rollout asks a token for: in the plan's order, only as many as its own limits leave room for, so that a wave of ten thousand
 * does not ask for ten thousand tokens at a time. Whether they are granted is the budget owner's word.
 */
final class TokenAsks {
    /** One message's worth: an ask is one event per grant in one batch. */
    private static final int MOST = 256;

    private TokenAsks() {}

    static List<RolloutEffect> of(RolloutState rollout, Instant now) {
        Plan plan = rollout.requirePlan();
        if (rollout.phase() != RolloutPhase.RUNNING || !Window.isOpen(plan.windows(), now)) {
            return List.of();
        }
        VmLines lines = rollout.lines();
        int begun = rollout.wave() + 1;
        Budget own = plan.limits().budget();
        var tally = new Tally(Budget.UNLIMITED, List.of());
        lines.forEach(begun, Progress.IN_FLIGHT, index -> {
            tally.add(request(lines.assignment(index)), own);
            return true;
        });
        var wanted = new ArrayList<TokenRequest>();
        lines.forEach(begun, Progress.WAITING, index -> {
            if (tally.isFull(own)) {
                return false;
            }
            TokenRequest request = request(lines.assignment(index));
            if (tally.hasRoom(request, own)) {
                tally.add(request, own);
                wanted.add(request);
            }
            return wanted.size() < MOST;
        });
        return wanted.isEmpty() ? List.of() : List.of(new RolloutEffect.AcquireTokens(wanted, own));
    }

    private static TokenRequest request(Plan.Assignment part) {
        return new TokenRequest(part.vm(), part.host(), part.rack(), part.zone());
    }
}
