package dev.neurath.model.budget;

import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import java.time.Instant;
import java.util.List;

/** What the budget's owner can be asked. */
public sealed interface BudgetCommand {
    /** As many of {@code wanted} as fit, in this order; the rest is denied and asked for again later. Repeated: the same numbers. */
    record Acquire(RolloutId rollout, List<TokenRequest> wanted, Budget limits) implements BudgetCommand {
        public Acquire {
            wanted = List.copyOf(wanted);
        }
    }

    /** The attempt is over. Of another number or rollout than the one held: ignored. */
    record Release(RolloutId rollout, VmId vm, int number) implements BudgetCommand {}

    record FreezeFleet(String reason, Actor by, Instant at) implements BudgetCommand {}

    record ThawFleet(Actor by) implements BudgetCommand {}

    /** An agent has carried out more than the journal knows of. Nothing new starts until a human has looked; a freeze that is there already stays. */
    record JournalBehind(VmId vm, HostId host, Generation told, Generation known, Instant at)
            implements BudgetCommand {}

    record SetFleetBudget(Budget budget, Actor by) implements BudgetCommand {}
}
