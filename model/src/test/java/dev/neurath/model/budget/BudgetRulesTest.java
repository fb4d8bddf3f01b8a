package dev.neurath.model.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Actor;
import dev.neurath.model.Decision;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One rule each; that no sequence ever exceeds a budget is shown by the world of rollouts. */
class BudgetRulesTest {
    private static final RolloutId ONE = new RolloutId("r-1");
    private static final RolloutId TWO = new RolloutId("r-2");
    private static final Actor OPERATOR = new Actor("operator");

    private BudgetState budget = BudgetState.initial();

    @Test
    void an_ask_told_twice_gets_the_same_number() {
        assertThat(acquire(ONE, Budget.UNLIMITED, "a")).containsExactly("granted a 1");
        assertThat(acquire(ONE, Budget.UNLIMITED, "a", "a")).containsExactly("granted a 1", "granted a 1");
        assertThat(budget.tokens()).hasSize(1);
    }

    @Test
    void a_vm_named_twice_in_one_ask_gets_one_token() {
        assertThat(acquire(ONE, Budget.UNLIMITED, "a", "a")).containsExactly("granted a 1", "granted a 1");
    }

    @Test
    void numbers_only_grow_even_for_the_same_vm() {
        acquire(ONE, Budget.UNLIMITED, "a");
        give(new BudgetCommand.Release(ONE, new VmId("a"), 1));
        assertThat(acquire(TWO, Budget.UNLIMITED, "a")).containsExactly("granted a 2");
    }

    @Test
    void a_vm_in_the_hands_of_one_rollout_is_denied_to_another() {
        acquire(ONE, Budget.UNLIMITED, "a");
        assertThat(acquire(TWO, Budget.UNLIMITED, "a")).containsExactly("denied a VM_TAKEN");
    }

    @Test
    void a_token_is_given_back_only_by_its_own_number_and_rollout() {
        acquire(ONE, Budget.UNLIMITED, "a");
        give(new BudgetCommand.Release(ONE, new VmId("a"), 7));
        give(new BudgetCommand.Release(TWO, new VmId("a"), 1));
        give(new BudgetCommand.Release(ONE, new VmId("b"), 1));
        assertThat(budget.tokens()).hasSize(1);
        give(new BudgetCommand.Release(ONE, new VmId("a"), 1));
        assertThat(budget.tokens()).isEmpty();
    }

    @Test
    void the_smaller_of_the_askers_and_the_fleets_limit_counts() {
        give(new BudgetCommand.SetFleetBudget(new Budget(2, 0, 0, 0, 0), OPERATOR));
        assertThat(acquire(ONE, new Budget(9, 0, 0, 0, 0), "a", "b", "c"))
                .containsExactly("granted a 1", "granted b 2", "denied c BUDGET_VMS");
        assertThat(acquire(TWO, new Budget(1, 0, 0, 0, 0), "d")).containsExactly("denied d BUDGET_VMS");
    }

    @Test
    void a_holders_limit_on_its_rack_binds_those_who_come_later() {
        acquire(ONE, new Budget(0, 0, 0, 1, 0), "a");
        assertThat(acquire(TWO, new Budget(0, 0, 0, 5, 0), "b")).containsExactly("denied b BUDGET_RACK");
    }

    @Test
    void a_busy_host_may_take_more_where_a_new_one_may_not() {
        var limits = new Budget(0, 1, 0, 0, 0);
        assertThat(askAt(limits, "a", "h1", "r1")).containsExactly("granted a 1");
        assertThat(askAt(limits, "b", "h2", "r1")).containsExactly("denied b BUDGET_HOSTS");
        assertThat(askAt(limits, "c", "h1", "r1")).containsExactly("granted c 2");
    }

    @Test
    void a_zone_has_its_limit_and_hosts_without_a_zone_share_it_with_nobody() {
        var onePerZone = new Budget(0, 0, 0, 0, 1);
        assertThat(askIn(onePerZone, "a", "z1")).containsExactly("granted a 1");
        assertThat(askIn(onePerZone, "b", "z1")).containsExactly("denied b BUDGET_ZONE");
        assertThat(askIn(onePerZone, "c", "z2")).containsExactly("granted c 2");
        assertThat(askIn(onePerZone, "d", "")).containsExactly("granted d 3");
        assertThat(askIn(onePerZone, "e", "")).containsExactly("granted e 4");
    }

    @Test
    void hosts_without_a_rack_share_it_with_nobody() {
        var limits = new Budget(0, 0, 0, 1, 0);
        assertThat(askAt(limits, "a", "h1", "")).containsExactly("granted a 1");
        assertThat(askAt(limits, "b", "h2", "")).containsExactly("granted b 2");
    }

    @Test
    void a_frozen_fleet_grants_nothing_and_takes_nothing_away() {
        acquire(ONE, Budget.UNLIMITED, "a");
        give(new BudgetCommand.FreezeFleet("incident", OPERATOR, Instant.EPOCH));
        assertThat(acquire(ONE, Budget.UNLIMITED, "a", "b")).containsExactly("granted a 1", "denied b FROZEN");
        give(new BudgetCommand.ThawFleet(OPERATOR));
        assertThat(acquire(ONE, Budget.UNLIMITED, "b")).containsExactly("granted b 2");
    }

    @Test
    void a_journal_older_than_its_agents_freezes_the_fleet_once_and_leaves_another_freeze_as_it_is() {
        var behind = new BudgetCommand.JournalBehind(
                new VmId("a"), new HostId("h1"), new Generation(7), new Generation(5), Instant.EPOCH);
        assertThat(events(give(behind))).hasSize(1);
        assertThat(String.valueOf(budget.frozen())).contains("h1", "generation 7", "VM a", "knows of 5");
        assertThat(events(give(behind))).isEmpty();
        assertThat(acquire(ONE, Budget.UNLIMITED, "a")).containsExactly("denied a FROZEN");
        give(new BudgetCommand.ThawFleet(OPERATOR));
        give(new BudgetCommand.FreezeFleet("incident", OPERATOR, Instant.EPOCH));
        assertThat(events(give(behind))).isEmpty();
        assertThat(String.valueOf(budget.frozen())).contains("reason=incident,");
    }

    @Test
    void freezing_and_thawing_twice_is_one_event_each() {
        var freeze = new BudgetCommand.FreezeFleet("incident", OPERATOR, Instant.EPOCH);
        assertThat(events(give(freeze))).hasSize(1);
        assertThat(events(give(freeze))).isEmpty();
        assertThat(events(give(new BudgetCommand.ThawFleet(OPERATOR)))).hasSize(1);
        assertThat(events(give(new BudgetCommand.ThawFleet(OPERATOR)))).isEmpty();
    }

    @Test
    void every_grant_is_repeated_so_that_a_lost_one_is_used_or_given_back() {
        acquire(ONE, Budget.UNLIMITED, "a", "b");
        assertThat(BudgetRules.effectsDue(budget))
                .containsExactly(
                        new BudgetEffect.Grant(ONE, new VmId("a"), 1), new BudgetEffect.Grant(ONE, new VmId("b"), 2));
    }

    private List<String> acquire(RolloutId rollout, Budget limits, String... vms) {
        List<TokenRequest> wanted = Arrays.stream(vms)
                .map(vm -> new TokenRequest(new VmId(vm), new HostId("host-" + vm), "rack", "zone"))
                .toList();
        return answers(give(new BudgetCommand.Acquire(rollout, wanted, limits)));
    }

    private List<String> askIn(Budget limits, String vm, String zone) {
        var wanted = new TokenRequest(new VmId(vm), new HostId("host-" + vm), "", zone);
        return answers(give(new BudgetCommand.Acquire(ONE, List.of(wanted), limits)));
    }

    private List<String> askAt(Budget limits, String vm, String host, String rack) {
        var wanted = new TokenRequest(new VmId(vm), new HostId(host), rack, "");
        return answers(give(new BudgetCommand.Acquire(ONE, List.of(wanted), limits)));
    }

    private static List<String> answers(Decision<BudgetEvent, BudgetEffect> decision) {
        assertThat(decision).isInstanceOf(Decision.Accepted.class);
        return ((Decision.Accepted<BudgetEvent, BudgetEffect>) decision)
                .effects().stream()
                        .map(effect -> switch (effect) {
                            case BudgetEffect.Grant grant -> "granted " + grant.vm() + " " + grant.number();
                            case BudgetEffect.Deny deny ->
                                "denied " + deny.vm() + " " + deny.refusal().code();
                            case BudgetEffect.WakeDenied wake -> "wake";
                        })
                        .toList();
    }

    private Decision<BudgetEvent, BudgetEffect> give(BudgetCommand command) {
        var decision = BudgetRules.decide(budget, command);
        events(decision).forEach(event -> budget = budget.evolve(event));
        return decision;
    }

    private static List<BudgetEvent> events(Decision<BudgetEvent, BudgetEffect> decision) {
        return decision instanceof Decision.Accepted<BudgetEvent, BudgetEffect> accepted
                ? accepted.events()
                : List.of();
    }
}
