package dev.neurath.model.vm;

import static dev.neurath.model.vm.VmFixture.HOST;
import static dev.neurath.model.vm.VmFixture.NEW_PROCESS;
import static dev.neurath.model.vm.VmFixture.ON_NEW;
import static dev.neurath.model.vm.VmFixture.OPERATOR;
import static dev.neurath.model.vm.VmFixture.OTHER_HOST;
import static dev.neurath.model.vm.VmFixture.REFUSAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Decision;
import dev.neurath.model.Generation;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What a VM answers in every phase to everything that it can be asked or told: events by name, a refusal by its code, {@code ack} for a fact that
 * changes nothing and need not be repeated, {@code -} for what is passed over.
 */
final class VmAnswersTest {
    private static final Generation EARLIER = new Generation(0);
    private static final Generation LATER = new Generation(99);

    @Test
    void every_command_has_its_answer_in_every_phase() {
        var commands = new LinkedHashMap<String, Function<VmState, VmCommand>>();
        commands.put("start", vm -> new VmCommand.Start(VmFixture.spec(), OTHER_HOST, OPERATOR));
        commands.put("start again", vm -> new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR));
        commands.put("adopt", vm -> VmFixture.adopt(VmFixture.OLD_PROCESS));
        commands.put("stop", vm -> new VmCommand.Stop(OPERATOR));
        commands.put("upgrade", vm -> VmFixture.upgrade(7));
        commands.put("hold", vm -> new VmCommand.Hold("exam", OPERATOR));
        commands.put("unhold", vm -> new VmCommand.Unhold(OPERATOR));
        commands.put("release", vm -> new VmCommand.Release(OPERATOR));
        commands.put("host dead", vm -> new VmCommand.DeclareHostDead(HOST, "it burnt", OPERATOR));
        commands.put("deadline", vm -> new VmCommand.DeadlinePassed(vm.generation(), vm.phase()));
        assertThat(table(commands)).isEqualTo("""
                start
                  StartOrdered: ABSENT GONE
                  VM_EXISTS: STARTING STEADY PREPARING READY SWITCHING VERIFYING UNCERTAIN QUARANTINED STOPPING LOST
                start again
                  StartOrdered: ABSENT GONE
                  -: STARTING STEADY
                  VM_EXISTS: PREPARING READY SWITCHING VERIFYING UNCERTAIN QUARANTINED STOPPING LOST
                adopt
                  AdoptOrdered: ABSENT GONE
                  VM_EXISTS: STARTING STEADY PREPARING READY SWITCHING VERIFYING UNCERTAIN QUARANTINED STOPPING LOST
                stop
                  VM_UNKNOWN: ABSENT
                  VM_BUSY: STARTING PREPARING READY SWITCHING VERIFYING UNCERTAIN LOST
                  StopOrdered: STEADY QUARANTINED
                  -: STOPPING GONE
                upgrade
                  VM_UNKNOWN: ABSENT
                  VM_BUSY: STARTING PREPARING READY SWITCHING VERIFYING UNCERTAIN
                  UpgradeBegun: STEADY
                  VM_QUARANTINED: QUARANTINED
                  VM_NOT_RUNNING: STOPPING GONE LOST
                hold
                  VM_UNKNOWN: ABSENT
                  HoldPlaced: STARTING STEADY PREPARING READY SWITCHING VERIFYING UNCERTAIN QUARANTINED STOPPING GONE LOST
                unhold
                  VM_UNKNOWN: ABSENT
                  -: STARTING STEADY PREPARING READY SWITCHING VERIFYING UNCERTAIN QUARANTINED STOPPING GONE LOST
                release
                  VM_UNKNOWN: ABSENT
                  NOT_QUARANTINED: STARTING STEADY PREPARING READY SWITCHING VERIFYING UNCERTAIN STOPPING GONE
                  Released: QUARANTINED LOST
                host dead
                  WRONG_HOST: ABSENT
                  HostDeclaredDead: STARTING STEADY VERIFYING UNCERTAIN QUARANTINED STOPPING
                  VM_BUSY: PREPARING READY SWITCHING
                  -: GONE LOST
                deadline
                  -: ABSENT STARTING STEADY READY UNCERTAIN QUARANTINED STOPPING GONE LOST
                  ContactLost: PREPARING SWITCHING
                  Verified: VERIFYING
                """);
    }

    @Test
    void every_fact_of_this_generation_has_its_answer_in_every_phase() {
        assertThat(table(facts(VmState::generation))).isEqualTo("""
                started
                  STRAY_QEMU: ABSENT
                  Started: STARTING
                  ack: STEADY QUARANTINED STOPPING GONE LOST
                  -: PREPARING READY SWITCHING VERIFYING UNCERTAIN
                start failed
                  NOT_THIS_HOST: ABSENT
                  StartFailed: STARTING
                  ack: STEADY QUARANTINED STOPPING GONE LOST
                  -: PREPARING READY SWITCHING VERIFYING UNCERTAIN
                ready
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  Prepared, SwitchAuthorized: PREPARING
                  -: READY SWITCHING VERIFYING UNCERTAIN
                refused
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  UpgradeRefused: PREPARING SWITCHING UNCERTAIN
                  -: READY VERIFYING
                closed
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  AttemptClosed: PREPARING SWITCHING UNCERTAIN
                  -: READY VERIFYING
                settling
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY PREPARING READY SWITCHING VERIFYING UNCERTAIN QUARANTINED STOPPING GONE LOST
                upgraded
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  -: PREPARING READY VERIFYING
                  HandedOver: SWITCHING UNCERTAIN
                as it was
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  RolledBack: PREPARING SWITCHING UNCERTAIN
                  -: READY VERIFYING
                gone
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  Ended: PREPARING SWITCHING VERIFYING UNCERTAIN
                  -: READY
                lost
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  Lost: PREPARING SWITCHING UNCERTAIN
                  -: READY VERIFYING
                host gone
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  Ended: PREPARING SWITCHING VERIFYING UNCERTAIN
                  -: READY
                double run
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  -: PREPARING READY VERIFYING
                  DoubleRunFound: SWITCHING UNCERTAIN
                alive
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  -: PREPARING READY SWITCHING UNCERTAIN
                  Verified: VERIFYING
                silent
                  NOT_THIS_HOST: ABSENT
                  ack: STARTING STEADY QUARANTINED STOPPING GONE LOST
                  -: PREPARING READY SWITCHING UNCERTAIN
                  GuestSilent: VERIFYING
                exited
                  NOT_THIS_HOST: ABSENT
                  -: STARTING PREPARING READY SWITCHING UNCERTAIN
                  Ended: STEADY VERIFYING QUARANTINED STOPPING
                  ack: GONE LOST
                inventory
                  STRAY_QEMU: ABSENT
                  ack: STARTING PREPARING READY SWITCHING VERIFYING UNCERTAIN QUARANTINED STOPPING GONE LOST
                  RevisionSeen: STEADY
                """);
    }

    /** What runs and what ended is told of the VM, not of an attempt. */
    @Test
    void facts_of_another_generation_change_nothing_and_only_an_older_one_need_not_be_repeated() {
        var notOfAnAttempt = Set.of("settling", "exited", "inventory");
        for (VmPhase phase : EnumSet.complementOf(EnumSet.of(VmPhase.ABSENT))) {
            VmState vm = in(phase);
            facts(v -> LATER).forEach((name, fact) -> {
                if (!notOfAnAttempt.contains(name)) {
                    assertThat(answer(VmRules.decide(vm, fact.apply(vm))))
                            .as(phase + " " + name)
                            .isEqualTo("-");
                }
            });
            facts(v -> EARLIER).forEach((name, fact) -> {
                if (!notOfAnAttempt.contains(name)) {
                    assertThat(answer(VmRules.decide(vm, fact.apply(vm))))
                            .as(phase + " " + name)
                            .isEqualTo("ack");
                }
            });
        }
    }

    @Test
    void every_phase_has_its_orders_due() {
        var due = new StringBuilder();
        for (VmPhase phase : VmPhase.values()) {
            String orders = VmRules.effectsDue(in(phase)).stream()
                    .map(effect -> effect instanceof VmEffect.Order order
                            ? order.order().getClass().getSimpleName()
                            : effect.getClass().getSimpleName())
                    .collect(Collectors.joining(", "));
            due.append("%s: %s".formatted(phase, orders).strip()).append('\n');
        }
        assertThat(due).hasToString("""
                ABSENT:
                STARTING: Start
                STEADY:
                PREPARING: Prepare, AwaitDeadline
                READY:
                SWITCHING: Switch, AwaitDeadline
                VERIFYING: AwaitDeadline
                UNCERTAIN: Resolve
                QUARANTINED:
                STOPPING: Stop
                GONE:
                LOST:
                """);
    }

    @Test
    void what_is_busy_says_for_whom() {
        assertThat(busy(in(VmPhase.SWITCHING)))
                .isEqualTo("VM vm-1 is SWITCHING for rollout r-1 and cannot be stopped now.");
        assertThat(busy(in(VmPhase.LOST))).isEqualTo("VM vm-1 is LOST and cannot be stopped now.");
        assertThat(busy(in(VmPhase.STARTING))).isEqualTo("VM vm-1 is STARTING and cannot be stopped now.");
    }

    private static String busy(VmState vm) {
        return VmRules.decide(vm, new VmCommand.Stop(OPERATOR)) instanceof Decision.Refused<VmEvent, VmEffect> refused
                ? refused.refusal().sentence()
                : "accepted";
    }

    @Test
    void whether_the_guest_was_ever_stopped_is_told_as_the_agent_told_it() {
        for (boolean reached : new boolean[] {false, true}) {
            VmState vm = in(VmPhase.SWITCHING);
            var outcome = new Outcome.AsItWas(VmFixture.PAUSE, "NEW_REFUSED_STATE", "It refused.", reached);
            var report = new VmCommand.Report(HOST, new FactStamp(1, 1000), new VmFact.Ended(vm.generation(), outcome));
            assertThat(VmFixture.events(VmRules.decide(vm, report)))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            VmEvent.RolledBack.class,
                            back -> assertThat(back.reachedSwitching()).isEqualTo(reached));
        }
    }

    private static Map<String, Function<VmState, VmCommand>> facts(Function<VmState, Generation> of) {
        var facts = new LinkedHashMap<String, Function<VmState, VmFact>>();
        facts.put("started", vm -> new VmFact.Started(of.apply(vm), ON_NEW, NEW_PROCESS));
        facts.put("start failed", vm -> new VmFact.StartFailed(of.apply(vm), REFUSAL));
        facts.put("ready", vm -> new VmFact.Ready(of.apply(vm)));
        facts.put("refused", vm -> new VmFact.Refused(of.apply(vm), REFUSAL));
        facts.put("closed", vm -> new VmFact.Closed(of.apply(vm)));
        facts.put("settling", vm -> new VmFact.Settling(of.apply(vm)));
        facts.put("upgraded", vm -> new VmFact.Ended(of.apply(vm), VmFixture.upgraded()));
        facts.put("as it was", vm -> new VmFact.Ended(of.apply(vm), VmFixture.asItWas()));
        facts.put("gone", vm -> new VmFact.Ended(of.apply(vm), new Outcome.Gone("GONE_BY_OWNER", "Off.")));
        facts.put("lost", vm -> new VmFact.Ended(of.apply(vm), new Outcome.Lost("Lost.")));
        facts.put("host gone", vm -> new VmFact.Ended(of.apply(vm), new Outcome.GoneWithHost()));
        facts.put("double run", vm -> new VmFact.Ended(of.apply(vm), new Outcome.DoubleRun("Both ran.")));
        facts.put("alive", vm -> new VmFact.HealthSeen(of.apply(vm), Health.ALIVE, "beats"));
        facts.put("silent", vm -> new VmFact.HealthSeen(of.apply(vm), Health.SILENT, "none"));
        facts.put("exited", vm -> new VmFact.Exited("GONE_BY_ITSELF", "Off."));
        facts.put("inventory", vm -> new VmFact.Inventory(of.apply(vm), ON_NEW, NEW_PROCESS));
        var reports = new LinkedHashMap<String, Function<VmState, VmCommand>>();
        facts.forEach((name, fact) ->
                reports.put(name, vm -> new VmCommand.Report(HOST, new FactStamp(1, 1000), fact.apply(vm))));
        return reports;
    }

    /** A row per phase, a column per command. */
    private static String table(Map<String, Function<VmState, VmCommand>> columns) {
        var out = new StringBuilder();
        columns.forEach((name, command) -> {
            out.append(name).append('\n');
            Arrays.stream(VmPhase.values())
                    .collect(Collectors.groupingBy(
                            phase -> answer(VmRules.decide(in(phase), command.apply(in(phase)))),
                            LinkedHashMap::new,
                            Collectors.mapping(VmPhase::name, Collectors.joining(" "))))
                    .forEach((answer, phases) -> out.append("  %s: %s%n".formatted(answer, phases)));
        });
        return out.toString();
    }

    private static String answer(Decision<VmEvent, VmEffect> decision) {
        return switch (decision) {
            case Decision.Refused<VmEvent, VmEffect> refused ->
                refused.refusal().code();
            case Decision.Accepted<VmEvent, VmEffect> accepted -> {
                String events = accepted.events().stream()
                        .map(event -> event.getClass().getSimpleName())
                        .collect(Collectors.joining(", "));
                boolean acknowledged = accepted.effects().stream().anyMatch(VmEffect.Acknowledge.class::isInstance);
                yield events.isEmpty() ? acknowledged ? "ack" : "-" : events;
            }
        };
    }

    private static VmState in(VmPhase phase) {
        VmFixture vm = switch (phase) {
            case ABSENT, STARTING -> new VmFixture();
            case STEADY, STOPPING, GONE -> VmFixture.steady();
            case PREPARING, READY -> VmFixture.preparing();
            case SWITCHING, LOST -> VmFixture.switching();
            case UNCERTAIN -> VmFixture.uncertain();
            case VERIFYING, QUARANTINED -> VmFixture.verifying();
        };
        switch (phase) {
            case STARTING -> vm.give(new VmCommand.Start(VmFixture.spec(), HOST, OPERATOR));
            case STOPPING -> vm.give(new VmCommand.Stop(OPERATOR));
            case GONE -> vm.report(new VmFact.Exited("GONE_BY_ITSELF", "Off."));
            case LOST -> vm.report(new VmFact.Ended(vm.generation(), new Outcome.Lost("Lost.")));
            case QUARANTINED -> vm.report(new VmFact.HealthSeen(vm.generation(), Health.SILENT, "none"));
            default -> {}
        }
        // Nobody ever waits in READY: it is left by the same append that leads to it.
        VmState state = phase == VmPhase.READY
                ? vm.state().evolve(new VmEvent.Prepared(vm.generation(), vm.nextStamp()))
                : vm.state();
        assertThat(state.phase()).isEqualTo(phase);
        return state;
    }
}
