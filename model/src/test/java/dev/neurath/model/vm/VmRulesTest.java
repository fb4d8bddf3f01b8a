package dev.neurath.model.vm;

import static dev.neurath.model.vm.VmFixture.HOST;
import static dev.neurath.model.vm.VmFixture.NEW;
import static dev.neurath.model.vm.VmFixture.NEW_PROCESS;
import static dev.neurath.model.vm.VmFixture.OLD_PROCESS;
import static dev.neurath.model.vm.VmFixture.ON_NEW;
import static dev.neurath.model.vm.VmFixture.ON_OLD;
import static dev.neurath.model.vm.VmFixture.OPERATOR;
import static dev.neurath.model.vm.VmFixture.OTHER_HOST;
import static dev.neurath.model.vm.VmFixture.PAUSE;
import static dev.neurath.model.vm.VmFixture.REFUSAL;
import static dev.neurath.model.vm.VmFixture.ROLLOUT;
import static dev.neurath.model.vm.VmFixture.effects;
import static dev.neurath.model.vm.VmFixture.events;
import static dev.neurath.model.vm.VmFixture.refusal;
import static dev.neurath.model.vm.VmFixture.upgrade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.model.Generation;
import dev.neurath.model.IllegalEvent;
import dev.neurath.model.RolloutId;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VmRulesTest {
    @Test
    void a_hand_over_goes_from_steady_to_steady_on_the_new_revision() {
        var vm = VmFixture.verifying();
        assertThat(vm.phase()).isEqualTo(VmPhase.VERIFYING);
        var decision = vm.report(new VmFact.HealthSeen(vm.generation(), Health.ALIVE, "12 beats"));
        assertThat(vm.phase()).isEqualTo(VmPhase.STEADY);
        assertThat(vm.state().revision()).isEqualTo(ON_NEW);
        assertThat(vm.state().process()).isEqualTo(NEW_PROCESS);
        assertThat(effects(decision))
                .hasAtLeastOneElementOfType(VmEffect.Acknowledge.class)
                .anySatisfy(effect -> assertThat(effect).isInstanceOfSatisfying(VmEffect.Tell.class, tell -> {
                    assertThat(tell.rollout()).isEqualTo(ROLLOUT);
                    assertThat(tell.attemptNumber()).isEqualTo(1);
                    assertThat(tell.ended()).isInstanceOf(VmEvent.Verified.class);
                    assertThat(tell.pause()).isEqualTo(PAUSE);
                }));
    }

    @Test
    void an_adopted_vm_is_ordered_to_be_taken_over_and_then_handed_over_like_any_other() {
        var vm = new VmFixture();
        var decision = vm.give(VmFixture.adopt(OLD_PROCESS));
        assertThat(effects(decision))
                .containsExactly(new VmEffect.Order(
                        HOST, new VmOrder.Adopt(vm.generation(), VmFixture.spec(), new Adoption(OLD_PROCESS, false))));
        vm.report(new VmFact.Started(vm.generation(), ON_OLD, OLD_PROCESS));
        assertThat(vm.phase()).isEqualTo(VmPhase.STEADY);
        vm.give(upgrade(1));
        assertThat(vm.phase()).isEqualTo(VmPhase.PREPARING);
    }

    @Test
    void adopting_the_same_process_again_changes_nothing_and_another_one_is_refused() {
        var vm = new VmFixture();
        vm.give(VmFixture.adopt(OLD_PROCESS));
        vm.report(new VmFact.Started(vm.generation(), ON_OLD, OLD_PROCESS));
        assertThat(refusal(vm.give(VmFixture.adopt(OLD_PROCESS)))).isEqualTo("accepted");
        assertThat(events(vm.give(VmFixture.adopt(OLD_PROCESS)))).isEmpty();
        assertThat(refusal(vm.give(VmFixture.adopt(NEW_PROCESS)))).isEqualTo("VM_EXISTS");
        assertThat(refusal(vm.give(new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR))))
                .isEqualTo("VM_EXISTS");
    }

    @Test
    void a_vm_whose_adoption_was_refused_can_be_adopted_again_or_started() {
        var vm = new VmFixture();
        vm.give(VmFixture.adopt(OLD_PROCESS));
        vm.report(new VmFact.StartFailed(vm.generation(), REFUSAL));
        assertThat(vm.phase()).isEqualTo(VmPhase.GONE);
        assertThat(vm.state().process()).isNull();
        vm.give(new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR));
        assertThat(VmRules.effectsDue(vm.state()))
                .containsExactly(new VmEffect.Order(HOST, new VmOrder.Start(vm.generation(), VmFixture.spec())));
    }

    @Test
    void ready_and_the_authorization_are_persisted_as_one() {
        var vm = VmFixture.preparing();
        var decision = vm.report(new VmFact.Ready(vm.generation()));
        assertThat(events(decision)).hasExactlyElementsOfTypes(VmEvent.Prepared.class, VmEvent.SwitchAuthorized.class);
        assertThat(VmRules.effectsDue(vm.state()))
                .contains(new VmEffect.Order(HOST, new VmOrder.Switch(vm.generation())));
    }

    @Test
    void every_attempt_has_a_generation_of_its_own_that_only_grows() {
        var vm = VmFixture.preparing();
        Generation first = vm.generation();
        vm.report(new VmFact.Refused(first, REFUSAL));
        vm.give(upgrade(2));
        assertThat(vm.generation().isAfter(first)).isTrue();
    }

    @Test
    void the_same_upgrade_asked_again_changes_nothing_and_sends_its_order_again() {
        var vm = VmFixture.preparing();
        var again = vm.give(upgrade(1));
        assertThat(events(again)).isEmpty();
        assertThat(effects(again)).isEqualTo(VmRules.effectsDue(vm.state()));
    }

    @Test
    void an_upgrade_asked_again_after_its_end_is_answered_with_that_end() {
        var vm = VmFixture.verifying();
        vm.report(new VmFact.HealthSeen(vm.generation(), Health.ALIVE, ""));
        VmEvent end = Objects.requireNonNull(vm.state().lastEnd());
        var again = vm.give(upgrade(1));
        assertThat(events(again)).isEmpty();
        assertThat(effects(again)).containsExactly(new VmEffect.Tell(ROLLOUT, 1, end, PAUSE));
    }

    @Test
    void an_upgrade_delayed_beyond_the_end_of_a_later_attempt_is_refused() {
        var vm = VmFixture.preparing();
        vm.report(new VmFact.Refused(vm.generation(), REFUSAL));
        vm.give(upgrade(5));
        vm.report(new VmFact.Refused(vm.generation(), REFUSAL));
        assertThat(refusal(vm.give(upgrade(1)))).isEqualTo("STALE_ORDER");
        assertThat(vm.phase()).isEqualTo(VmPhase.STEADY);
        var another =
                new VmCommand.Upgrade(new RolloutId("r-2"), 0, 4, NEW, Method.SHARED_RAM, "1.0", Duration.ofSeconds(1));
        assertThat(refusal(vm.give(another))).isEqualTo("STALE_ORDER");
    }

    @Test
    void an_upgrade_delayed_beyond_a_stop_and_a_new_start_is_refused() {
        var vm = VmFixture.preparing();
        vm.report(new VmFact.Refused(vm.generation(), REFUSAL));
        vm.give(new VmCommand.Stop(OPERATOR));
        vm.report(new VmFact.Exited("GONE_BY_OWNER", ""));
        vm.give(new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR));
        vm.report(new VmFact.Started(vm.generation(), ON_OLD, OLD_PROCESS));
        assertThat(refusal(vm.give(upgrade(1)))).isEqualTo("STALE_ORDER");
    }

    @Test
    void an_upgrade_is_refused_by_name_when_held_stale_or_already_there() {
        var held = VmFixture.steady();
        held.give(new VmCommand.Hold("exam week", OPERATOR));
        assertThat(refusal(held.give(upgrade(1)))).isEqualTo("HELD_BY_OWNER");
        held.give(new VmCommand.Unhold(OPERATOR));
        assertThat(refusal(held.give(upgrade(1)))).isEqualTo("accepted");

        var there = VmFixture.verifying();
        there.report(new VmFact.HealthSeen(there.generation(), Health.ALIVE, ""));
        assertThat(refusal(there.give(upgrade(2)))).isEqualTo("ALREADY_THERE");

        var stale = VmFixture.steady();
        var wrongVersion = new VmCommand.Upgrade(ROLLOUT, 0, 1, NEW, Method.SHARED_RAM, "0.9", Duration.ofSeconds(1));
        assertThat(refusal(stale.give(wrongVersion))).isEqualTo("STALE_PLAN");
    }

    @Test
    void another_rollout_finds_the_vm_busy() {
        var vm = VmFixture.switching();
        var other =
                new VmCommand.Upgrade(new RolloutId("r-2"), 0, 2, NEW, Method.SHARED_RAM, "1.0", Duration.ofSeconds(1));
        assertThat(refusal(vm.give(other))).isEqualTo("VM_BUSY");
    }

    @Test
    void commands_for_a_vm_that_nobody_started_are_refused_and_leave_no_trace() {
        for (VmCommand command : List.of(
                new VmCommand.Stop(OPERATOR),
                new VmCommand.Hold("x", OPERATOR),
                new VmCommand.Unhold(OPERATOR),
                new VmCommand.Release(OPERATOR),
                upgrade(1))) {
            var vm = new VmFixture();
            assertThat(refusal(vm.give(command))).as("%s", command).isEqualTo("VM_UNKNOWN");
        }
    }

    @Test
    void a_hold_placed_twice_with_one_reason_is_one_event() {
        var vm = VmFixture.steady();
        assertThat(events(vm.give(new VmCommand.Hold("x", OPERATOR)))).hasSize(1);
        assertThat(events(vm.give(new VmCommand.Hold("x", OPERATOR)))).isEmpty();
        assertThat(events(vm.give(new VmCommand.Hold("y", OPERATOR)))).hasSize(1);
    }

    @Test
    void a_hold_placed_in_an_attempt_stops_the_next_one_only() {
        var vm = VmFixture.switching();
        vm.give(new VmCommand.Hold("x", OPERATOR));
        assertThat(vm.phase()).isEqualTo(VmPhase.SWITCHING);
        vm.report(new VmFact.Ended(vm.generation(), VmFixture.asItWas()));
        assertThat(refusal(vm.give(upgrade(2)))).isEqualTo("HELD_BY_OWNER");
    }

    @Test
    void silence_of_the_agent_makes_an_attempt_uncertain_and_asks_and_fences_in_one() {
        for (var vm : List.of(VmFixture.preparing(), VmFixture.switching())) {
            var decision = vm.give(new VmCommand.DeadlinePassed(vm.generation(), vm.phase()));
            assertThat(vm.phase()).isEqualTo(VmPhase.UNCERTAIN);
            assertThat(effects(decision))
                    .containsExactly(new VmEffect.Order(HOST, new VmOrder.Resolve(vm.generation())));
        }
    }

    @ParameterizedTest
    @EnumSource(VmPhase.class)
    void no_time_ever_leads_out_of_uncertain_or_loses_a_guest(VmPhase believed) {
        var vm = VmFixture.uncertain();
        assertThat(events(vm.give(new VmCommand.DeadlinePassed(vm.generation(), believed))))
                .isEmpty();
        assertThat(vm.phase()).isEqualTo(VmPhase.UNCERTAIN);
        assertThat(vm.state().inFlight()).isTrue();
    }

    @Test
    void a_deadline_of_an_older_generation_or_another_phase_is_ignored() {
        var vm = VmFixture.switching();
        assertThat(events(vm.give(new VmCommand.DeadlinePassed(vm.generation(), VmPhase.PREPARING))))
                .isEmpty();
        assertThat(events(vm.give(new VmCommand.DeadlinePassed(Generation.NONE, VmPhase.SWITCHING))))
                .isEmpty();
    }

    @Test
    void no_report_of_health_in_time_is_unknown_and_never_silence() {
        var vm = VmFixture.verifying();
        var decision = vm.give(new VmCommand.DeadlinePassed(vm.generation(), VmPhase.VERIFYING));
        assertThat(vm.phase()).isEqualTo(VmPhase.STEADY);
        assertThat(events(decision).getFirst())
                .isInstanceOfSatisfying(
                        VmEvent.Verified.class, e -> assertThat(e.health()).isEqualTo(Health.UNKNOWN));
    }

    @Test
    void a_silent_guest_is_quarantined_until_a_human_releases_it() {
        var vm = VmFixture.verifying();
        vm.report(new VmFact.HealthSeen(vm.generation(), Health.SILENT, "30 s"));
        assertThat(vm.phase()).isEqualTo(VmPhase.QUARANTINED);
        assertThat(vm.state().trouble()).isEqualTo("GUEST_SILENT");
        assertThat(refusal(vm.give(upgrade(2)))).isEqualTo("VM_QUARANTINED");
        vm.give(new VmCommand.Release(OPERATOR));
        assertThat(vm.phase()).isEqualTo(VmPhase.STEADY);
    }

    @Test
    void every_outcome_settles_an_uncertain_vm() {
        var vm = VmFixture.uncertain();
        vm.report(new VmFact.Ended(vm.generation(), VmFixture.upgraded()));
        assertThat(vm.phase()).isEqualTo(VmPhase.VERIFYING);
        vm = VmFixture.uncertain();
        vm.report(new VmFact.Ended(vm.generation(), VmFixture.asItWas()));
        assertThat(vm.phase()).isEqualTo(VmPhase.STEADY);
        assertThat(vm.state().revision()).isEqualTo(ON_OLD);
        vm = VmFixture.uncertain();
        vm.report(new VmFact.Closed(vm.generation()));
        assertThat(vm.phase()).isEqualTo(VmPhase.STEADY);
        vm = VmFixture.uncertain();
        vm.report(new VmFact.Ended(vm.generation(), new Outcome.Lost("both died")));
        assertThat(vm.phase()).isEqualTo(VmPhase.LOST);
        vm = VmFixture.uncertain();
        vm.report(new VmFact.Ended(vm.generation(), new Outcome.DoubleRun("both ran")));
        assertThat(vm.phase()).isEqualTo(VmPhase.QUARANTINED);
        vm = VmFixture.uncertain();
        vm.report(new VmFact.Ended(vm.generation(), new Outcome.GoneWithHost()));
        assertThat(vm.phase()).isEqualTo(VmPhase.GONE);
    }

    @Test
    void still_settling_is_acknowledged_and_the_outcome_awaited() {
        var vm = VmFixture.uncertain();
        var decision = vm.report(new VmFact.Settling(vm.generation()));
        assertThat(events(decision)).isEmpty();
        assertThat(effects(decision)).hasOnlyElementsOfType(VmEffect.Acknowledge.class);
        assertThat(vm.phase()).isEqualTo(VmPhase.UNCERTAIN);
    }

    @Test
    void only_named_evidence_settles_an_uncertain_vm_without_its_agent() {
        var vm = VmFixture.uncertain();
        vm.give(new VmCommand.DeclareHostDead(HOST, "burnt", OPERATOR));
        assertThat(vm.phase()).isEqualTo(VmPhase.GONE);
        assertThat(vm.state().trouble()).isEqualTo("GONE_WITH_HOST");
    }

    @Test
    void evidence_about_another_host_or_within_an_attempt_is_refused() {
        var vm = VmFixture.switching();
        assertThat(refusal(vm.give(new VmCommand.DeclareHostDead(OTHER_HOST, "burnt", OPERATOR))))
                .isEqualTo("WRONG_HOST");
        assertThat(refusal(vm.give(new VmCommand.DeclareHostDead(HOST, "burnt", OPERATOR))))
                .isEqualTo("VM_BUSY");
    }

    @Test
    void a_fact_of_an_older_generation_changes_nothing_and_is_acknowledged() {
        var vm = VmFixture.preparing();
        Generation first = vm.generation();
        vm.report(new VmFact.Refused(first, REFUSAL));
        vm.give(upgrade(2));
        var late = vm.report(new VmFact.Ended(first, VmFixture.upgraded()));
        assertThat(events(late)).isEmpty();
        assertThat(effects(late)).hasOnlyElementsOfType(VmEffect.Acknowledge.class);
        assertThat(vm.phase()).isEqualTo(VmPhase.PREPARING);
    }

    @Test
    void an_early_fact_is_not_acknowledged_so_that_it_comes_again_and_counts() {
        var vm = VmFixture.switching();
        FactStamp ended = vm.nextStamp();
        FactStamp health = vm.nextStamp();
        var seen = new VmFact.HealthSeen(vm.generation(), Health.ALIVE, "");
        var early = vm.give(new VmCommand.Report(HOST, health, seen));
        assertThat(events(early)).isEmpty();
        assertThat(effects(early)).isEmpty();
        vm.give(new VmCommand.Report(HOST, ended, new VmFact.Ended(vm.generation(), VmFixture.upgraded())));
        vm.give(new VmCommand.Report(HOST, health, seen));
        assertThat(vm.phase()).isEqualTo(VmPhase.STEADY);
    }

    @Test
    void a_fact_told_twice_is_acknowledged_twice_and_counts_once() {
        var vm = VmFixture.switching();
        var report = new VmCommand.Report(HOST, vm.nextStamp(), new VmFact.Ended(vm.generation(), VmFixture.asItWas()));
        assertThat(events(vm.give(report))).hasSize(1);
        var again = vm.give(report);
        assertThat(events(again)).isEmpty();
        assertThat(effects(again)).containsExactly(new VmEffect.Acknowledge(HOST, report.stamp()));
    }

    @Test
    void a_fact_is_acknowledged_only_together_with_its_event() {
        var vm = VmFixture.switching();
        var decision = vm.report(new VmFact.Ended(vm.generation(), VmFixture.asItWas()));
        assertThat(events(decision)).isNotEmpty();
        assertThat(effects(decision).getFirst()).isInstanceOf(VmEffect.Acknowledge.class);
    }

    @Test
    void a_fact_of_another_host_counts_nothing() {
        var vm = VmFixture.switching();
        assertThat(refusal(vm.give(new VmCommand.Report(
                        OTHER_HOST, new FactStamp(9, 9), new VmFact.Ended(vm.generation(), VmFixture.upgraded())))))
                .isEqualTo("NOT_THIS_HOST");
    }

    @Test
    void a_process_of_the_vm_on_another_host_is_called_a_stray() {
        var vm = VmFixture.steady();
        var stray = new VmFact.Inventory(vm.generation(), ON_OLD, OLD_PROCESS);
        assertThat(refusal(vm.give(new VmCommand.Report(OTHER_HOST, new FactStamp(9, 9), stray))))
                .isEqualTo("STRAY_QEMU");
    }

    @Test
    void a_vm_started_on_another_host_listens_to_that_agent_from_its_first_fact() {
        var vm = VmFixture.steady();
        vm.give(new VmCommand.Report(HOST, new FactStamp(57, 1), new VmFact.Exited("GONE_BY_OWNER", "")));
        assertThat(vm.phase()).isEqualTo(VmPhase.GONE);
        vm.give(new VmCommand.Start(VmFixture.spec(), OTHER_HOST, OPERATOR));
        vm.give(new VmCommand.Report(
                OTHER_HOST, new FactStamp(1, 1), new VmFact.Started(vm.generation(), ON_OLD, OLD_PROCESS)));
        assertThat(vm.phase()).isEqualTo(VmPhase.STEADY);
    }

    @Test
    void an_exit_within_an_attempt_waits_for_the_attempts_own_outcome() {
        var vm = VmFixture.switching();
        FactStamp exit = new FactStamp(1, 50);
        var exited = new VmFact.Exited("GONE_BY_ITSELF", "");
        assertThat(effects(vm.give(new VmCommand.Report(HOST, exit, exited)))).isEmpty();
        vm.report(new VmFact.Ended(vm.generation(), VmFixture.asItWas()));
        vm.give(new VmCommand.Report(HOST, exit, exited));
        assertThat(vm.phase()).isEqualTo(VmPhase.GONE);
    }

    @Test
    void an_inventory_in_an_attempt_does_not_settle_it() {
        var vm = VmFixture.uncertain();
        var decision = vm.report(new VmFact.Inventory(vm.generation(), ON_NEW, NEW_PROCESS));
        assertThat(events(decision)).isEmpty();
        assertThat(vm.phase()).isEqualTo(VmPhase.UNCERTAIN);
    }

    @Test
    void an_inventory_that_says_nothing_new_is_no_event() {
        var vm = VmFixture.steady();
        assertThat(events(vm.report(new VmFact.Inventory(vm.generation(), ON_OLD, OLD_PROCESS))))
                .isEmpty();
        assertThat(events(vm.report(new VmFact.Inventory(vm.generation(), ON_NEW, NEW_PROCESS))))
                .hasSize(1);
        assertThat(vm.state().revision()).isEqualTo(ON_NEW);
    }

    @Test
    void a_journal_older_than_its_agent_adopts_the_agents_generation_once_the_fleet_is_frozen() {
        var vm = VmFixture.steady();
        var report = new VmCommand.Report(
                HOST, vm.nextStamp(), new VmFact.Inventory(new Generation(41), ON_OLD, OLD_PROCESS));
        assertThat(events(vm.give(report))).isEmpty();
        assertThat(effects(vm.give(report))).noneMatch(VmEffect.Acknowledge.class::isInstance);
        assertThat(effects(vm.give(new VmCommand.FleetFrozen(report))))
                .contains(new VmEffect.Acknowledge(HOST, report.stamp()));
        assertThat(vm.generation()).isEqualTo(new Generation(41));
        vm.give(upgrade(1));
        assertThat(vm.generation()).isEqualTo(new Generation(42));
    }

    @Test
    void a_journal_older_than_its_agent_is_told_in_every_phase() {
        for (var vm : List.of(VmFixture.steady(), VmFixture.switching(), VmFixture.uncertain())) {
            Generation known = vm.generation();
            assertThat(effects(vm.report(new VmFact.Inventory(known, ON_OLD, OLD_PROCESS))))
                    .noneMatch(VmEffect.JournalBehind.class::isInstance);
            var report = new VmCommand.Report(
                    HOST, vm.nextStamp(), new VmFact.Inventory(new Generation(41), ON_OLD, OLD_PROCESS));
            assertThat(effects(vm.give(report)))
                    .containsExactly(new VmEffect.JournalBehind(report, new Generation(41), known));
            assertThat(effects(vm.give(new VmCommand.FleetFrozen(report))))
                    .contains(new VmEffect.Acknowledge(HOST, report.stamp()));
        }
    }

    @Test
    void a_fact_of_a_generation_never_given_is_neither_believed_nor_acknowledged() {
        var vm = VmFixture.switching();
        var decision = vm.report(new VmFact.Ended(new Generation(99), VmFixture.upgraded()));
        assertThat(events(decision)).isEmpty();
        assertThat(effects(decision)).isEmpty();
    }

    @Test
    void a_stopped_vm_can_be_started_again_and_its_generation_goes_on() {
        var vm = VmFixture.steady();
        vm.give(new VmCommand.Stop(OPERATOR));
        assertThat(vm.phase()).isEqualTo(VmPhase.STOPPING);
        Generation stop = vm.generation();
        vm.report(new VmFact.Exited("GONE_BY_OWNER", ""));
        assertThat(vm.phase()).isEqualTo(VmPhase.GONE);
        vm.give(new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR));
        assertThat(vm.generation().isAfter(stop)).isTrue();
        assertThat(vm.state().attempt()).isNull();
    }

    @Test
    void a_second_start_of_a_living_vm_is_refused_but_a_repeated_one_is_not() {
        var vm = new VmFixture();
        vm.give(new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR));
        assertThat(refusal(vm.give(new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR))))
                .isEqualTo("accepted");
        assertThat(refusal(vm.give(new VmCommand.Start(VmFixture.spec(), OTHER_HOST, OPERATOR))))
                .isEqualTo("VM_EXISTS");
        var steady = VmFixture.steady();
        assertThat(refusal(steady.give(new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR))))
                .isEqualTo("accepted");
        assertThat(steady.state()).isEqualTo(VmFixture.steady().state());
        assertThat(refusal(steady.give(new VmCommand.Start(VmFixture.spec(), OTHER_HOST, OPERATOR))))
                .isEqualTo("VM_EXISTS");
        for (var busy : List.of(VmFixture.preparing(), VmFixture.switching(), VmFixture.uncertain())) {
            assertThat(refusal(busy.give(new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR))))
                    .isEqualTo("VM_EXISTS");
        }
    }

    @Test
    void a_vm_in_an_attempt_is_not_stopped() {
        for (var vm :
                List.of(VmFixture.preparing(), VmFixture.switching(), VmFixture.verifying(), VmFixture.uncertain())) {
            assertThat(refusal(vm.give(new VmCommand.Stop(OPERATOR)))).isEqualTo("VM_BUSY");
        }
    }

    @Test
    void an_event_that_its_phase_does_not_know_stops_the_entity() {
        assertThatThrownBy(() -> VmFixture.steady().state().evolve(new VmEvent.SwitchAuthorized(Generation.NONE)))
                .isInstanceOf(IllegalEvent.class)
                .hasMessageContaining("STEADY");
    }
}
