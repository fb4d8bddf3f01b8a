package dev.neurath.model.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Decision;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random commands and facts, many of them late, early, repeated or nonsense: what has to hold for a VM after every one of them. */
class VmWalkTest {
    private static final int SEEDS = 400;
    private static final int STEPS = 300;
    private static final List<VmPhase> PHASES = List.of(VmPhase.values());
    private static final List<Health> HEALTHS = List.of(Health.values());

    @Test
    void whatever_arrives_in_whatever_order_the_vm_keeps_its_promises() {
        Set<VmPhase> visited = EnumSet.noneOf(VmPhase.class);
        for (int seed = 0; seed < SEEDS; seed++) {
            visited.addAll(walk(seed));
        }
        assertThat(visited)
                .as("phases at rest between commands")
                .isEqualTo(EnumSet.complementOf(EnumSet.of(VmPhase.READY)));
    }

    private static Set<VmPhase> walk(int seed) {
        var random = new Random(seed);
        var vm = VmState.initial(VmFixture.VM);
        var journal = new ArrayList<VmEvent>();
        Set<VmPhase> visited = EnumSet.noneOf(VmPhase.class);
        int ended = 0;
        int begun = 0;
        for (int step = 0; step < STEPS; step++) {
            VmCommand command = command(random, vm);
            Decision<VmEvent, VmEffect> decision = VmRules.decide(vm, command);
            VmState before = vm;
            if (decision instanceof Decision.Accepted<VmEvent, VmEffect> accepted) {
                for (VmEvent event : accepted.events()) {
                    vm = vm.evolve(event);
                    journal.add(event);
                    begun += event instanceof VmEvent.UpgradeBegun ? 1 : 0;
                }
                if (before.inFlight() && !vm.inFlight()) {
                    ended++;
                    assertThat(accepted.effects())
                            .as("seed %d step %d: an end is told", seed, step)
                            .hasAtLeastOneElementOfType(VmEffect.Tell.class);
                }
                acknowledgesOnlyWhatIsSettled(seed, step, command, accepted, before);
            }
            visited.add(vm.phase());
            keepsItsPromises(seed, step, command, before, vm);
        }
        assertThat(begun - ended).as("seed %d: attempts without an end", seed).isBetween(0, 1);
        VmState replayed = VmState.initial(VmFixture.VM);
        for (VmEvent event : journal) {
            replayed = replayed.evolve(event);
        }
        assertThat(replayed).as("seed %d: replay", seed).isEqualTo(vm);
        return visited;
    }

    private static void acknowledgesOnlyWhatIsSettled(
            int seed, int step, VmCommand command, Decision.Accepted<VmEvent, VmEffect> accepted, VmState before) {
        if (!(command instanceof VmCommand.Report report)) {
            return;
        }
        boolean acknowledged = accepted.effects().contains(new VmEffect.Acknowledge(report.host(), report.stamp()));
        if (!accepted.events().isEmpty()) {
            assertThat(acknowledged)
                    .as("seed %d step %d: %s", seed, step, command)
                    .isTrue();
        }
        boolean outcomeOfThisAttempt = report.fact() instanceof VmFact.Ended end
                && end.generation().equals(before.generation())
                && before.inFlight()
                && report.stamp().isAfter(before.stamp());
        if (outcomeOfThisAttempt && accepted.events().isEmpty()) {
            assertThat(acknowledged)
                    .as("seed %d step %d: an outcome is never forgotten", seed, step)
                    .isFalse();
        }
    }

    private static void keepsItsPromises(int seed, int step, VmCommand command, VmState before, VmState vm) {
        String where = "seed %d step %d %s: %s -> %s".formatted(seed, step, command, before.phase(), vm.phase());
        assertThat(vm.generation()).as(where).isGreaterThanOrEqualTo(before.generation());
        assertThat(vm.attemptNumber()).as(where).isGreaterThanOrEqualTo(before.attemptNumber());
        assertThat(vm.phase()).as(where).isNotEqualTo(VmPhase.READY);
        if (vm.inFlight()) {
            assertThat(vm.attempt()).as(where).isNotNull();
            assertThat(vm.lastEnd()).as(where).isNull();
        }
        if (vm.phase() == VmPhase.STEADY) {
            assertThat(vm.revision()).as(where).isNotNull();
            assertThat(vm.process()).as(where).isNotNull();
        }
        if (before.phase() == VmPhase.UNCERTAIN && vm.phase() != VmPhase.UNCERTAIN) {
            assertThat(command).as(where).isInstanceOfAny(VmCommand.Report.class, VmCommand.DeclareHostDead.class);
        }
        if (vm.phase() == VmPhase.LOST && before.phase() != VmPhase.LOST) {
            assertThat(command).as(where).isInstanceOf(VmCommand.Report.class);
        }
        if (before.phase() != VmPhase.PREPARING && vm.phase() == VmPhase.PREPARING) {
            assertThat(before.phase()).as(where).isEqualTo(VmPhase.STEADY);
            assertThat(vm.generation().isAfter(before.generation())).as(where).isTrue();
        }
    }

    private static VmCommand command(Random random, VmState vm) {
        return switch (random.nextInt(14)) {
            case 0 ->
                random.nextBoolean()
                        ? new VmCommand.Start(VmFixture.spec(), host(random), VmFixture.OPERATOR)
                        : VmFixture.adopt(random.nextBoolean() ? VmFixture.OLD_PROCESS : VmFixture.NEW_PROCESS);
            case 1 -> random.nextInt(4) == 0 ? new VmCommand.Stop(VmFixture.OPERATOR) : upgrade(random, vm);
            case 2, 3 -> upgrade(random, vm);
            case 4 ->
                new VmCommand.DeadlinePassed(
                        generation(random, vm),
                        random.nextBoolean() ? vm.phase() : PHASES.get(random.nextInt(PHASES.size())));
            case 5 ->
                random.nextInt(6) == 0
                        ? new VmCommand.DeclareHostDead(host(random), "burnt", VmFixture.OPERATOR)
                        : new VmCommand.Release(VmFixture.OPERATOR);
            case 6 ->
                random.nextInt(4) == 0
                        ? new VmCommand.Hold("x", VmFixture.OPERATOR)
                        : new VmCommand.Unhold(VmFixture.OPERATOR);
            default -> new VmCommand.Report(host(random), stamp(random, vm), fact(random, vm));
        };
    }

    private static VmCommand upgrade(Random random, VmState vm) {
        int number = vm.attemptNumber() + random.nextInt(3) - 1;
        return new VmCommand.Upgrade(
                VmFixture.ROLLOUT,
                0,
                number,
                random.nextBoolean() ? VmFixture.NEW : VmFixture.OLD,
                Method.SHARED_RAM,
                random.nextBoolean() ? "1.0" : "2.0",
                java.time.Duration.ofSeconds(1));
    }

    private static VmFact fact(Random random, VmState vm) {
        Generation g = generation(random, vm);
        List<Outcome> outcomes = List.of(
                VmFixture.upgraded(),
                VmFixture.asItWas(),
                new Outcome.Gone("GONE_BY_OWNER", ""),
                new Outcome.Lost(""),
                new Outcome.GoneWithHost(),
                new Outcome.DoubleRun(""));
        return switch (random.nextInt(12)) {
            case 0, 1 -> new VmFact.Started(g, VmFixture.ON_OLD, VmFixture.OLD_PROCESS);
            case 2 -> new VmFact.StartFailed(g, VmFixture.REFUSAL);
            case 3, 4 -> new VmFact.Ready(g);
            case 5 -> new VmFact.Refused(g, VmFixture.REFUSAL);
            case 6 -> new VmFact.Closed(g);
            case 7 -> new VmFact.Settling(g);
            case 8, 9 -> new VmFact.Ended(g, outcomes.get(random.nextInt(outcomes.size())));
            case 10 -> new VmFact.HealthSeen(g, HEALTHS.get(random.nextInt(HEALTHS.size())), "");
            default ->
                random.nextInt(3) == 0
                        ? new VmFact.Exited("GONE_BY_ITSELF", "")
                        : new VmFact.Inventory(g, VmFixture.ON_NEW, VmFixture.NEW_PROCESS);
        };
    }

    private static Generation generation(Random random, VmState vm) {
        long offset = random.nextInt(5) == 0 ? random.nextInt(3) - 1 : 0;
        return new Generation(Math.max(0, vm.generation().value() + offset));
    }

    private static FactStamp stamp(Random random, VmState vm) {
        FactStamp newest = vm.stamp();
        return switch (random.nextInt(6)) {
            case 0 -> newest;
            case 1 -> new FactStamp(newest.incarnation() + 1, 1);
            default -> new FactStamp(newest.incarnation(), newest.sequence() + 1);
        };
    }

    private static HostId host(Random random) {
        return random.nextInt(8) == 0 ? VmFixture.OTHER_HOST : VmFixture.HOST;
    }
}
