package dev.neurath.model.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.RolloutId;
import dev.neurath.model.budget.Budget;
import dev.neurath.model.budget.BudgetEvent;
import dev.neurath.model.fleet.FleetView;
import dev.neurath.model.vm.VmState;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RolloutWorldTest {
    private static final RolloutId ONE = new RolloutId("r-1");
    private static final RolloutId TWO = new RolloutId("r-2");
    private static final int SEEDS = 60;
    private static final int STEPS = 600;

    @Test
    void budgets_hold_at_every_instant_and_every_rollout_comes_to_rest_whatever_is_lost_or_repeated() {
        for (int seed = 0; seed < SEEDS; seed++) {
            World world = run(seed, 20, 15);
            assertThat(world.allAtRest()).as("seed %d: %s", seed, lines(world)).isTrue();
            assertThat(world.budget.tokens()).as("seed %d: tokens left", seed).isEmpty();
            for (RolloutState rollout : world.rollouts.values()) {
                assertThat(rollout.phase()).as("seed %d", seed).isEqualTo(RolloutPhase.COMPLETE);
                assertThat(rollout.lines().count(Progress.IN_FLIGHT)).isZero();
                assertThat(rollout.lines().count(Progress.WAITING)).isZero();
            }
        }
    }

    @Test
    void without_failures_every_vm_runs_the_new_release_in_the_end() {
        for (int seed = 0; seed < SEEDS; seed++) {
            World world = run(seed, 20, 0);
            assertThat(world.vms.values())
                    .extracting(vm -> Objects.requireNonNull(vm.revision()).release())
                    .as("seed %d: %s", seed, lines(world))
                    .containsOnly(Fleets.NEW);
        }
    }

    @Test
    void a_method_that_is_not_possible_is_followed_by_the_next_candidate() {
        FleetView fleet = Fleets.of(2, 2);
        var world = new World(1, 0, fleet.vms());
        world.refusePercent = 100;
        world.apply(ONE, Fleets.plan(spec(Limits.DEFAULT.budget()), fleet));
        world.settle();
        RolloutState rollout = state(world, ONE);
        assertThat(rollout.phase()).isEqualTo(RolloutPhase.COMPLETE);
        assertThat(rollout.lines().count(Progress.REFUSED)).isEqualTo(4);
        for (int i = 0; i < 4; i++) {
            assertThat(rollout.lines().get(i).attempts()).isEqualTo(2);
        }
    }

    @Test
    void a_paused_or_aborted_rollout_starts_nothing_and_gives_every_token_back() {
        for (int seed = 0; seed < SEEDS; seed++) {
            FleetView fleet = Fleets.of(6, 3);
            var world = new World(seed, 20, fleet.vms());
            world.apply(ONE, Fleets.plan(spec(new Budget(5, 0, 2, 0, 0)), fleet));
            for (int i = 0; i < 40; i++) {
                world.step();
            }
            world.give(
                    ONE,
                    seed % 2 == 0
                            ? new RolloutCommand.PauseRollout("look", Fleets.OPERATOR)
                            : new RolloutCommand.Abort("enough", Fleets.OPERATOR));
            int begun = begun(world);
            for (int i = 0; i < STEPS; i++) {
                world.step();
            }
            world.settle();
            assertThat(begun(world)).as("seed %d", seed).isEqualTo(begun);
            assertThat(world.budget.tokens()).as("seed %d", seed).isEmpty();
            assertThat(state(world, ONE).phase()).isEqualTo(seed % 2 == 0 ? RolloutPhase.PAUSED : RolloutPhase.ABORTED);
        }
    }

    private static World run(int seed, int lossPercent, int failPercent) {
        var random = new Random(seed);
        FleetView fleet = Fleets.of(8, 3);
        var world = new World(seed, lossPercent, fleet.vms());
        world.failPercent = failPercent;
        world.budget = world.budget.evolve(
                new BudgetEvent.FleetBudgetSet(new Budget(1 + random.nextInt(8), 0, 2, 4, 0), Fleets.OPERATOR));
        world.apply(ONE, Fleets.plan(spec(new Budget(6, 4, 2, 3, 5)), fleet));
        world.apply(TWO, Fleets.plan(spec(new Budget(4, 0, 1, 2, 0)), fleet));
        for (int i = 0; i < STEPS; i++) {
            world.step();
        }
        world.settle();
        return world;
    }

    /** Nothing but the budget limits it: two waves, a bake between. */
    private static RolloutSpec spec(Budget budget) {
        return Fleets.spec(
                List.of(
                        new WaveSpec("canary", new Share.Count(1), 0, 0, Duration.ofMinutes(5), false, At.NOWHERE),
                        new WaveSpec("rest", new Share.Rest(), 0, 3, Duration.ofMinutes(1), false, At.NOWHERE)),
                new Limits(budget, null, -1, -1, -1, OnLimit.PAUSE));
    }

    private static int begun(World world) {
        VmLines lines = state(world, ONE).lines();
        int begun = 0;
        for (int i = 0; i < lines.size(); i++) {
            begun += lines.get(i).attempts();
        }
        return begun;
    }

    private static List<String> lines(World world) {
        return world.rollouts.values().stream()
                .map(rollout -> rollout.phase() + " " + rollout.lines())
                .toList();
    }

    private static RolloutState state(World world, RolloutId id) {
        return Objects.requireNonNull(world.rollouts.get(id));
    }

    @Test
    void a_vm_is_only_ever_in_one_rollouts_hands() {
        FleetView fleet = Fleets.of(1, 1);
        var world = new World(3, 0, fleet.vms());
        world.apply(ONE, Fleets.plan(spec(Budget.UNLIMITED), fleet));
        world.apply(TWO, Fleets.plan(spec(Budget.UNLIMITED), fleet));
        world.settle();
        VmState vm = world.vms.values().iterator().next();
        assertThat(vm.generation().value()).as("one start and one hand-over").isEqualTo(2);
        assertThat(List.of(state(world, ONE), state(world, TWO)))
                .extracting(rollout -> rollout.lines().get(0).progress())
                .containsExactlyInAnyOrder(Progress.UPGRADED, Progress.REFUSED);
    }
}
