package dev.neurath.model.rollout;

import static dev.neurath.model.rollout.Fleets.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Decision;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.budget.Budget;
import dev.neurath.model.budget.TokenRequest;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmEvent;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RolloutRulesTest {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");
    private static final Pause SHORT = new Pause.Measured(Duration.ofMillis(6));
    private static final Pause LONG = new Pause.Measured(Duration.ofMillis(900));
    private static final FactStamp STAMP = new FactStamp(1, 1);
    private static final Generation G = new Generation(2);

    private RolloutState rollout = RolloutState.initial(new RolloutId("r-1"));
    private Instant now = START;
    private int token;

    @Test
    void waves_follow_each_other_after_their_bake_until_it_is_complete() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        assertThat(wanted()).containsExactly("vm-00-0", "vm-00-1");
        upgrade("vm-00-0");
        upgrade("vm-00-1");
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.BAKING);
        now = START.plusSeconds(599);
        give(new RolloutCommand.Tick());
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.BAKING);
        now = START.plusSeconds(600);
        give(new RolloutCommand.Tick());
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.RUNNING);
        assertThat(rollout.wave()).isEqualTo(1);
        upgrade("vm-01-0");
        upgrade("vm-01-1");
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.COMPLETE);
        assertThat(rollout.endedAt()).isEqualTo(now);
    }

    @Test
    void commands_that_are_decided_together_ask_for_tokens_once_by_the_state_after_the_last() {
        var budget = new Budget(1, 0, 0, 0, 0);
        give(new RolloutCommand.Apply(plan(new Limits(budget, null, 1, 1, 1, OnLimit.PAUSE), false), OPERATOR));
        int first = begin("vm-00-0");
        var ended = told("vm-00-0", first, new VmEvent.Verified(G, Health.ALIVE, "beats", STAMP), SHORT);
        var together = new ArrayList<>(effects(ended));
        together.addAll(effects(give(new RolloutCommand.Tick())));
        assertThat(RolloutRules.dueAfter(rollout, together, now))
                .containsExactly(
                        new RolloutEffect.ReleaseToken(new VmId("vm-00-0"), first),
                        new RolloutEffect.AcquireTokens(List.of(request("vm-00-1")), budget));

        together.addAll(effects(give(new RolloutCommand.PauseRollout("x", OPERATOR))));
        assertThat(RolloutRules.dueAfter(rollout, together, now))
                .containsExactly(new RolloutEffect.ReleaseToken(new VmId("vm-00-0"), first));

        assertThat(asked(give(new RolloutCommand.Resume(OPERATOR)))).containsExactly("vm-00-1");
        upgrade("vm-00-1");
        assertThat(asked(give(new RolloutCommand.Promote(OPERATOR)))).containsExactly("vm-01-0");
    }

    @Test
    void a_manual_wave_waits_for_a_human_however_long() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), true);
        upgrade("vm-00-0");
        assertThat(refusal(give(new RolloutCommand.Promote(OPERATOR)))).isEqualTo("NOT_BAKING");
        upgrade("vm-00-1");
        now = now.plus(Duration.ofDays(30));
        give(new RolloutCommand.Tick());
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.BAKING);
        give(new RolloutCommand.Promote(OPERATOR));
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.RUNNING);
    }

    @Test
    void a_failure_at_the_limit_pauses_and_resuming_counts_anew() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        fail("vm-00-0");
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.PAUSED);
        assertThat(halt()).isEqualTo("LIMIT_FAILURES");
        assertThat(wanted()).isEmpty();
        give(new RolloutCommand.Resume(OPERATOR));
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.RUNNING);
        assertThat(wanted()).containsExactly("vm-00-1");
        fail("vm-00-1");
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.PAUSED);
    }

    @Test
    void a_refusal_is_no_failure() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        int number = begin("vm-00-0");
        var refused =
                new RolloutCommand.VmRefused(new VmId("vm-00-0"), number, Refusal.of("HELD_BY_OWNER", "Held.", "none"));
        var decision = give(refused);
        assertThat(effects(decision)).contains(new RolloutEffect.ReleaseToken(new VmId("vm-00-0"), number));
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.RUNNING);
        assertThat(line("vm-00-0").progress()).isEqualTo(Progress.REFUSED);
    }

    @Test
    void a_guest_ended_by_its_owner_is_no_failure_but_one_gone_with_its_host_is() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        end("vm-00-0", new VmEvent.Ended("GONE_BY_OWNER", "", STAMP), null);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.RUNNING);
        end("vm-00-1", new VmEvent.Ended("GONE_WITH_HOST", "", STAMP), null);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.PAUSED);
    }

    @Test
    void a_pause_over_the_limit_and_a_silent_guest_are_counted_apart() {
        apply(limits(-1, -1, 1, OnLimit.PAUSE), false);
        end("vm-00-0", new VmEvent.Verified(G, Health.ALIVE, "", STAMP), LONG);
        assertThat(halt()).isEqualTo("LIMIT_PAUSE");
        give(new RolloutCommand.Resume(OPERATOR));
        end("vm-00-1", new VmEvent.GuestSilent(G, "30 s", STAMP), SHORT);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.BAKING);
        assertThat(line("vm-00-1").progress()).isEqualTo(Progress.QUARANTINED);
    }

    @Test
    void no_limit_allows_a_lost_guest() {
        apply(limits(-1, -1, -1, OnLimit.PAUSE), false);
        end("vm-00-0", new VmEvent.Lost(G, "both died", STAMP), SHORT);
        assertThat(halt()).isEqualTo("VM_LOST");
    }

    @Test
    void unknown_health_is_never_counted() {
        apply(limits(1, 1, 1, OnLimit.REVERT), false);
        end("vm-00-0", new VmEvent.Verified(G, Health.UNKNOWN, "", STAMP), SHORT);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.RUNNING);
        assertThat(line("vm-00-0").reason()).isEqualTo("HEALTH_UNKNOWN");
    }

    @Test
    void many_silent_guests_at_once_blame_the_observer_and_nothing_is_taken_back() {
        var everything = Fleets.spec(List.of(WaveSpec.EVERYTHING), limits(-1, 1, -1, OnLimit.REVERT));
        give(new RolloutCommand.Apply(Fleets.plan(everything, Fleets.of(1, 3)), OPERATOR));
        int first = begin("vm-00-0");
        int second = begin("vm-00-1");
        int third = begin("vm-00-2");
        told("vm-00-0", first, new VmEvent.GuestSilent(G, "30 s", STAMP), SHORT);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.ABORTING);
        told("vm-00-1", second, new VmEvent.Verified(G, Health.ALIVE, "", STAMP), SHORT);
        told("vm-00-2", third, new VmEvent.GuestSilent(G, "30 s", STAMP), SHORT);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.FAILED);
        assertThat(halt()).isEqualTo("OBSERVER_SUSPECT");
        assertThat(rollout.revert()).isNull();
    }

    @Test
    void on_limit_revert_takes_back_what_the_wave_did_once_nothing_is_in_flight() {
        apply(limits(1, 1, 1, OnLimit.REVERT), false);
        int first = begin("vm-00-0");
        int second = begin("vm-00-1");
        told("vm-00-1", second, rolledBack(), SHORT);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.ABORTING);
        var decision = told("vm-00-0", first, new VmEvent.Verified(G, Health.ALIVE, "", STAMP), SHORT);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.FAILED);
        assertThat(effects(decision))
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(RolloutEffect.StartRevert.class, revert -> {
                            assertThat(revert.rollout()).isEqualTo(new RolloutId("r-1-back"));
                            assertThat(revert.vms()).containsExactly(new VmId("vm-00-0"));
                        }));
        assertThat(RolloutRules.effectsDue(rollout, now))
                .as("asked again until it is answered")
                .hasAtLeastOneElementOfType(RolloutEffect.StartRevert.class);
        give(new RolloutCommand.RevertAnswer(new RolloutId("r-1-back"), null));
        assertThat(RolloutRules.effectsDue(rollout, now))
                .doesNotHaveAnyElementsOfTypes(RolloutEffect.StartRevert.class);
    }

    @Test
    void on_limit_abort_ends_in_failed_and_a_humans_abort_in_aborted() {
        apply(limits(1, 1, 1, OnLimit.ABORT), false);
        fail("vm-00-0");
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.FAILED);

        rollout = RolloutState.initial(new RolloutId("r-2"));
        apply(limits(1, 1, 1, OnLimit.ABORT), false);
        int number = begin("vm-00-0");
        give(new RolloutCommand.Abort("enough", OPERATOR));
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.ABORTING);
        told("vm-00-0", number, rolledBack(), SHORT);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.ABORTED);
        assertThat(refusal(give(new RolloutCommand.Resume(OPERATOR)))).isEqualTo("ROLLOUT_ABORTED");
        assertThat(refusal(give(new RolloutCommand.Retry(List.of(), OPERATOR)))).isEqualTo("ROLLOUT_ABORTED");
    }

    @Test
    void a_human_can_revert_a_running_rollout_and_what_is_in_flight_is_waited_for() {
        apply(limits(-1, -1, -1, OnLimit.PAUSE), false);
        upgrade("vm-00-0");
        int second = begin("vm-00-1");
        var asked = give(new RolloutCommand.Revert(List.of(), OPERATOR));
        assertThat(effects(asked)).doesNotHaveAnyElementsOfTypes(RolloutEffect.StartRevert.class);
        var ended = told("vm-00-1", second, new VmEvent.Verified(G, Health.ALIVE, "", STAMP), SHORT);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.ABORTED);
        assertThat(effects(ended))
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                RolloutEffect.StartRevert.class,
                                revert -> assertThat(revert.vms()).hasSize(2)));
    }

    @Test
    void single_vms_are_taken_back_only_once_the_rollout_has_ended() {
        apply(limits(-1, -1, -1, OnLimit.PAUSE), false);
        upgrade("vm-00-0");
        var one = new RolloutCommand.Revert(List.of(new VmId("vm-00-0")), OPERATOR);
        assertThat(refusal(give(one))).isEqualTo("ROLLOUT_RUNNING");
        give(new RolloutCommand.PauseRollout("x", OPERATOR));
        assertThat(refusal(give(one))).isEqualTo("ROLLOUT_PAUSED");
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.PAUSED);
        give(new RolloutCommand.Abort("x", OPERATOR));
        assertThat(effects(give(one))).hasAtLeastOneElementOfType(RolloutEffect.StartRevert.class);
    }

    @Test
    void a_vm_whose_guest_fell_silent_is_taken_back_only_by_name() {
        apply(limits(-1, -1, -1, OnLimit.PAUSE), false);
        end("vm-00-0", new VmEvent.GuestSilent(G, "30 s", STAMP), SHORT);
        give(new RolloutCommand.Abort("x", OPERATOR));
        assertThat(refusal(give(new RolloutCommand.Revert(List.of(), OPERATOR))))
                .isEqualTo("NOTHING_TO_REVERT");
        assertThat(effects(give(new RolloutCommand.Revert(List.of(new VmId("vm-00-0")), OPERATOR))))
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                RolloutEffect.StartRevert.class,
                                revert -> assertThat(revert.vms()).containsExactly(new VmId("vm-00-0"))));
    }

    @Test
    void a_rollout_that_did_nothing_has_nothing_to_revert() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        assertThat(refusal(give(new RolloutCommand.Revert(List.of(), OPERATOR))))
                .isEqualTo("NOTHING_TO_REVERT");
        assertThat(refusal(give(new RolloutCommand.Revert(List.of(new VmId("other")), OPERATOR))))
                .isEqualTo("VM_NOT_IN_ROLLOUT");
    }

    @Test
    void retry_takes_again_what_ended_as_it_was_even_after_the_end() {
        apply(limits(-1, -1, -1, OnLimit.PAUSE), false);
        fail("vm-00-0");
        upgrade("vm-00-1");
        give(new RolloutCommand.Promote(OPERATOR));
        upgrade("vm-01-0");
        upgrade("vm-01-1");
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.COMPLETE);
        give(new RolloutCommand.Retry(List.of(), OPERATOR));
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.RUNNING);
        assertThat(rollout.endedAt()).isNull();
        assertThat(wanted()).containsExactly("vm-00-0");
        upgrade("vm-00-0");
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.COMPLETE);
        assertThat(line("vm-00-0").attempts()).isEqualTo(2);
        assertThat(refusal(give(new RolloutCommand.Retry(List.of(), OPERATOR)))).isEqualTo("NOTHING_TO_RETRY");
    }

    @Test
    void a_bake_goes_on_over_a_pause_and_is_not_begun_anew() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        upgrade("vm-00-0");
        upgrade("vm-00-1");
        Instant until = rollout.bakeUntil();
        give(new RolloutCommand.PauseRollout("lunch", OPERATOR));
        now = now.plus(Duration.ofHours(1));
        give(new RolloutCommand.Tick());
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.PAUSED);
        var resumed = give(new RolloutCommand.Resume(OPERATOR));
        assertThat(events(resumed))
                .anySatisfy(event -> assertThat(event)
                        .isInstanceOfSatisfying(
                                RolloutEvent.BakeBegun.class,
                                bake -> assertThat(bake.until()).isEqualTo(until)));
        assertThat(rollout.wave()).isEqualTo(1);
    }

    @Test
    void a_token_that_nobody_wants_any_more_is_given_back() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        upgrade("vm-00-0");
        assertGivenBack("vm-00-0", 99);
        assertGivenBack("vm-01-0", 99);
        assertGivenBack("other", 99);
        give(new RolloutCommand.PauseRollout("lunch", OPERATOR));
        assertGivenBack("vm-00-1", 100);
    }

    @Test
    void a_grant_told_again_for_an_attempt_in_flight_changes_nothing() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        int number = begin("vm-00-0");
        var again = give(new RolloutCommand.TokenGranted(new VmId("vm-00-0"), number));
        assertThat(events(again)).isEmpty();
        assertThat(effects(again)).isEmpty();
    }

    @Test
    void an_end_told_twice_or_of_another_attempt_counts_once() {
        apply(limits(5, 1, 1, OnLimit.PAUSE), false);
        int number = begin("vm-00-0");
        assertThat(events(told("vm-00-0", number + 7, rolledBack(), SHORT))).isEmpty();
        assertThat(events(told("vm-00-0", number, rolledBack(), SHORT))).hasSize(1);
        assertThat(events(told("vm-00-0", number, rolledBack(), SHORT))).isEmpty();
        assertThat(rollout.trouble().failures()).isEqualTo(1);
    }

    @Test
    void what_does_not_end_an_attempt_is_refused() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        int number = begin("vm-00-0");
        assertThat(refusal(told("vm-00-0", number, new VmEvent.Prepared(G, STAMP), null)))
                .isEqualTo("NOT_AN_END");
    }

    @Test
    void the_next_candidate_is_tried_with_a_token_of_its_own() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        int number = begin("vm-00-0");
        var impossible = Refusal.of("METHOD_NOT_POSSIBLE", "No.", "none");
        var decision = told("vm-00-0", number, new VmEvent.UpgradeRefused(G, impossible, STAMP), null);
        assertThat(effects(decision)).contains(new RolloutEffect.ReleaseToken(new VmId("vm-00-0"), number));
        assertThat(line("vm-00-0").progress()).isEqualTo(Progress.WAITING);
        assertThat(line("vm-00-0").method()).isEqualTo(1);
        assertGivenBack("vm-00-0", number);
        int next = begin("vm-00-0");
        told("vm-00-0", next, new VmEvent.UpgradeRefused(G, impossible, STAMP), null);
        assertThat(line("vm-00-0").progress()).isEqualTo(Progress.REFUSED);
    }

    static Stream<VmEvent> untouched() {
        return Stream.of(
                new VmEvent.AttemptClosed(G, STAMP),
                new VmEvent.RolledBack(G, new Pause.None(), "CLOSED_BY_COORDINATOR", "It was closed.", false, STAMP),
                new VmEvent.RolledBack(G, new Pause.None(), "LEASE_EXPIRED", "No order came.", false, STAMP),
                new VmEvent.RolledBack(G, new Pause.None(), "AGENT_RESTARTED", "It was restarted.", false, STAMP),
                new VmEvent.UpgradeRefused(G, Refusal.of("ORDER_TOO_LATE", "It was late.", "none"), STAMP));
    }

    @ParameterizedTest
    @MethodSource("untouched")
    void an_attempt_that_lost_contact_before_it_touched_the_guest_is_no_failure_and_is_made_again(VmEvent end) {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        for (int attempt = 1; attempt < 5; attempt++) {
            int number = begin("vm-00-0");
            assertThat(effects(told("vm-00-0", number, end, null)))
                    .contains(new RolloutEffect.ReleaseToken(new VmId("vm-00-0"), number));
            assertThat(rollout.phase()).isEqualTo(RolloutPhase.RUNNING);
            assertThat(line("vm-00-0").progress()).isEqualTo(Progress.WAITING);
            assertThat(line("vm-00-0").method()).isZero();
            assertThat(wanted()).contains("vm-00-0");
        }
        // Five times in a row: somebody has to look at that host.
        end("vm-00-0", end, null);
        assertThat(line("vm-00-0").progress())
                .isEqualTo(end instanceof VmEvent.UpgradeRefused ? Progress.REFUSED : Progress.AS_IT_WAS);
    }

    @Test
    void an_agents_restart_after_the_guest_may_have_been_stopped_is_a_failure() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        end("vm-00-0", new VmEvent.RolledBack(G, SHORT, "AGENT_RESTARTED", "It was restarted.", true, STAMP), SHORT);
        assertThat(line("vm-00-0").progress()).isEqualTo(Progress.AS_IT_WAS);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.PAUSED);
    }

    @Test
    void an_attempt_that_was_closed_after_it_had_stopped_the_guest_is_a_failure() {
        apply(limits(1, 1, 1, OnLimit.PAUSE), false);
        end("vm-00-0", new VmEvent.RolledBack(G, SHORT, "CLOSED", "It was closed.", true, STAMP), SHORT);
        assertThat(line("vm-00-0").progress()).isEqualTo(Progress.AS_IT_WAS);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.PAUSED);
    }

    @Test
    void outside_of_its_windows_nothing_starts_but_what_is_in_flight_ends() {
        var night = new Window(
                new TreeSet<>(List.of(DayOfWeek.values())), LocalTime.of(22, 0), LocalTime.of(4, 0), ZoneOffset.UTC);
        Plan plan = plan(limits(1, 1, 1, OnLimit.PAUSE), false);
        give(new RolloutCommand.Apply(
                new Plan(
                        plan.id(),
                        plan.fleet(),
                        plan.generation(),
                        plan.name(),
                        plan.release(),
                        plan.toVersion(),
                        plan.waves(),
                        plan.skipped(),
                        plan.limits(),
                        plan.labels(),
                        List.of(night),
                        plan.yaml()),
                OPERATOR));
        assertThat(wanted()).isEmpty();
        assertGivenBack("vm-00-0", 1);
        now = Instant.parse("2026-11-20T23:00:00Z");
        assertThat(wanted()).hasSize(2);
        upgrade("vm-00-0");
        int number = begin("vm-00-1");
        now = Instant.parse("2026-11-21T05:00:00Z");
        told("vm-00-1", number, rolledBack(), SHORT);
        assertThat(line("vm-00-1").progress()).isEqualTo(Progress.AS_IT_WAS);
    }

    @Test
    void a_plan_applied_again_changes_nothing_and_another_one_is_refused() {
        Limits limits = limits(1, 1, 1, OnLimit.PAUSE);
        apply(limits, false);
        assertThat(events(give(new RolloutCommand.Apply(plan(limits, false), OPERATOR))))
                .isEmpty();
        assertThat(refusal(give(new RolloutCommand.Apply(plan(limits, true), OPERATOR))))
                .isEqualTo("ROLLOUT_EXISTS");
    }

    @Test
    void a_plan_without_a_vm_is_complete_at_once() {
        Plan plan = plan(limits(1, 1, 1, OnLimit.PAUSE), false);
        give(new RolloutCommand.Apply(
                new Plan(
                        "p-0",
                        plan.fleet(),
                        1,
                        "none",
                        plan.release(),
                        "2.0",
                        List.of(),
                        List.of(),
                        plan.limits(),
                        plan.labels(),
                        List.of(),
                        ""),
                OPERATOR));
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.COMPLETE);
        assertThat(RolloutRules.effectsDue(rollout, now))
                .containsExactly(new RolloutEffect.Finished(RolloutPhase.COMPLETE));
    }

    @Test
    void after_a_crash_everything_in_flight_is_ordered_again_and_what_ended_gives_its_token_back() {
        apply(limits(-1, -1, -1, OnLimit.PAUSE), false);
        upgrade("vm-00-0");
        int number = begin("vm-00-1");
        assertThat(RolloutRules.effectsDue(rollout, now))
                .singleElement()
                .isInstanceOfSatisfying(
                        RolloutEffect.UpgradeVm.class,
                        order -> assertThat(order.order().attemptNumber()).isEqualTo(number));
        // Whether the first one's token arrived where it was given back is not known here: its owner reminds of it.
        assertThat(effects(give(new RolloutCommand.TokenGranted(new VmId("vm-00-0"), 1))))
                .containsExactly(new RolloutEffect.ReleaseToken(new VmId("vm-00-0"), 1));
    }

    @Test
    void commands_for_a_rollout_that_nobody_applied_are_refused() {
        for (RolloutCommand command : List.of(
                new RolloutCommand.PauseRollout("x", OPERATOR),
                new RolloutCommand.Resume(OPERATOR),
                new RolloutCommand.Promote(OPERATOR),
                new RolloutCommand.Abort("x", OPERATOR),
                new RolloutCommand.Retry(List.of(), OPERATOR),
                new RolloutCommand.Revert(List.of(), OPERATOR))) {
            assertThat(refusal(give(command))).as("%s", command).isEqualTo("ROLLOUT_UNKNOWN");
        }
    }

    private static Limits limits(int failures, int quarantined, int overPause, OnLimit onLimit) {
        return new Limits(Budget.UNLIMITED, null, failures, quarantined, overPause, onLimit);
    }

    /** Two hosts with two VMs each, a wave per host, the first baking for ten minutes. */
    private static Plan plan(Limits limits, boolean manual) {
        var first = new WaveSpec("canary", new Share.Count(1), 0, 0, Duration.ofMinutes(10), manual, At.NOWHERE);
        return Fleets.plan(Fleets.spec(List.of(first, WaveSpec.EVERYTHING), limits), Fleets.of(2, 2));
    }

    private void apply(Limits limits, boolean manual) {
        give(new RolloutCommand.Apply(plan(limits, manual), OPERATOR));
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.RUNNING);
    }

    private Decision<RolloutEvent, RolloutEffect> give(RolloutCommand command) {
        var decision = RolloutRules.decide(rollout, command, now);
        events(decision).forEach(event -> rollout = rollout.evolve(event));
        return decision;
    }

    private int begin(String vm) {
        var decision = give(new RolloutCommand.TokenGranted(new VmId(vm), ++token));
        assertThat(effects(decision))
                .hasOnlyElementsOfType(RolloutEffect.UpgradeVm.class)
                .hasSize(1);
        return token;
    }

    private Decision<RolloutEvent, RolloutEffect> told(
            String vm, int number, VmEvent end, @org.jspecify.annotations.Nullable Pause pause) {
        return give(new RolloutCommand.VmEnded(new VmId(vm), number, end, pause));
    }

    private void end(String vm, VmEvent end, @org.jspecify.annotations.Nullable Pause pause) {
        told(vm, begin(vm), end, pause);
    }

    private void upgrade(String vm) {
        end(vm, new VmEvent.Verified(G, Health.ALIVE, "beats", STAMP), SHORT);
    }

    private void fail(String vm) {
        end(vm, rolledBack(), SHORT);
    }

    private static VmEvent rolledBack() {
        return new VmEvent.RolledBack(G, SHORT, "NEW_REFUSED_STATE", "It refused.", true, STAMP);
    }

    private TokenRequest request(String vm) {
        Plan.Assignment part =
                rollout.lines().assignment(rollout.lines().find(new VmId(vm)).orElseThrow());
        return new TokenRequest(part.vm(), part.host(), part.rack(), part.zone());
    }

    private List<String> wanted() {
        return asked(RolloutRules.effectsDue(rollout, now));
    }

    private List<String> asked(Decision<RolloutEvent, RolloutEffect> decision) {
        return asked(RolloutRules.dueAfter(rollout, effects(decision), now));
    }

    private static List<String> asked(List<RolloutEffect> due) {
        return due.stream()
                .filter(RolloutEffect.AcquireTokens.class::isInstance)
                .flatMap(effect -> ((RolloutEffect.AcquireTokens) effect).wanted().stream())
                .map(request -> request.vm().value())
                .toList();
    }

    private void assertGivenBack(String vm, int number) {
        var decision = give(new RolloutCommand.TokenGranted(new VmId(vm), number));
        assertThat(events(decision)).isEmpty();
        assertThat(effects(decision)).containsExactly(new RolloutEffect.ReleaseToken(new VmId(vm), number));
    }

    private VmLine line(String vm) {
        return rollout.lines().get(rollout.lines().find(new VmId(vm)).orElseThrow());
    }

    private String halt() {
        return Objects.requireNonNull(rollout.halt()).code();
    }

    private static List<RolloutEvent> events(Decision<RolloutEvent, RolloutEffect> decision) {
        return decision instanceof Decision.Accepted<RolloutEvent, RolloutEffect> accepted
                ? accepted.events()
                : List.of();
    }

    private static List<RolloutEffect> effects(Decision<RolloutEvent, RolloutEffect> decision) {
        return decision instanceof Decision.Accepted<RolloutEvent, RolloutEffect> accepted
                ? accepted.effects()
                : List.of();
    }

    private static String refusal(Decision<RolloutEvent, RolloutEffect> decision) {
        return decision instanceof Decision.Refused<RolloutEvent, RolloutEffect> refused
                ? refused.refusal().code()
                : "accepted";
    }
}
