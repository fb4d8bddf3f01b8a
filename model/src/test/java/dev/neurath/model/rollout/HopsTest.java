package dev.neurath.model.rollout;

import static dev.neurath.model.rollout.Fleets.CAN_CPR;
import static dev.neurath.model.rollout.Fleets.NEW;
import static dev.neurath.model.rollout.Fleets.OLD;
import static dev.neurath.model.rollout.Fleets.PLANNER;
import static dev.neurath.model.rollout.Fleets.PREFLIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.fleet.FleetView;
import dev.neurath.model.proof.Finding;
import dev.neurath.model.proof.Judgement;
import dev.neurath.model.proof.Probe;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.proof.Shape;
import dev.neurath.model.proof.Verdict;
import dev.neurath.model.release.Release;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.VmState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Where no hand-over leads directly from "old" to "new": over "mid", or over "mid" and "other". */
class HopsTest {
    private static final ReleaseId MID = new ReleaseId("mid");
    private static final ReleaseId OTHER = new ReleaseId("other");
    private static final Finding WILL = new Finding(Probe.CLONE, Method.SHARED_RAM, Verdict.WILL, "", "");
    private static final Finding BACK = new Finding(Probe.CLONE_BACK, Method.SHARED_RAM, Verdict.WILL, "", "");
    private static final Finding WONT =
            new Finding(Probe.CLONE, null, Verdict.WONT, Judgement.CLONE_REFUSED, "a field too much");
    private static final Finding NOT_BACK =
            new Finding(Probe.CLONE_BACK, Method.SHARED_RAM, Verdict.WONT, Judgement.CLONE_REFUSED, "newer");

    @Test
    void a_closed_direct_way_is_gone_around_by_a_way_proven_as_a_whole_the_later_hops_rehearsed() {
        Plan plan = plan(around());
        assertThat(ways(plan)).containsOnly("old > mid > new");
        Plan.Assignment part = plan.waves().getFirst().assignments().getFirst();
        assertThat(part.hops().getFirst().tried())
                .containsExactly(new Plan.Candidate(Method.SHARED_RAM, null, Rehearsal.NONE));
        assertThat(part.hops().getLast().tried())
                .containsExactly(new Plan.Candidate(Method.SHARED_RAM, null, Rehearsal.ADVISES));
        assertThat(part.hops().getLast().fromVersion()).isEqualTo("1.5");
    }

    @Test
    void two_proven_hops_are_no_proven_way() {
        FleetView pairs = fleet(closed(), proof(List.of(OLD, MID), WILL, BACK), proof(List.of(MID, NEW), WILL, BACK));
        assertThat(skips(pairs)).containsOnly("CLONE_REFUSED");
    }

    @Test
    void a_direct_way_is_never_gone_around() {
        Plan plan = plan(fleet(proof(List.of(OLD, NEW), WILL, BACK), proof(List.of(OLD, MID, NEW), WILL, BACK)));
        assertThat(ways(plan)).containsOnly("old > new");
    }

    @Test
    void the_fewest_hops_are_taken_and_no_more_than_the_intent_allows() {
        Proof notOverMid = proof(List.of(OLD, MID, NEW), WONT);
        Proof three = proof(List.of(OLD, MID, OTHER, NEW), WILL, BACK);
        assertThat(ways(plan(fleet(closed(), notOverMid, three)))).containsOnly("old > mid > other > new");
        assertThat(plan(spec(2, true), fleet(closed(), notOverMid, three)).waves())
                .isEmpty();
        assertThat(ways(plan(fleet(closed(), notOverMid, three, proof(List.of(OLD, OTHER, NEW), WILL, BACK)))))
                .containsOnly("old > other > new");
    }

    @Test
    void a_way_that_leads_nowhere_back_is_taken_only_where_the_policy_lets_it() {
        FleetView noWayBack = fleet(closed(), proof(List.of(OLD, MID, NEW), WILL, NOT_BACK));
        assertThat(skips(noWayBack)).containsOnly("CLONE_REFUSED");
        assertThat(ways(plan(spec(3, false), noWayBack))).containsOnly("old > mid > new");
        // Not even tried: not proven.
        assertThat(skips(fleet(closed(), proof(List.of(OLD, MID, NEW), WILL)))).containsOnly("CLONE_REFUSED");
    }

    @Test
    void a_missing_way_back_alone_is_gone_around_too() {
        FleetView fleet = fleet(proof(List.of(OLD, NEW), WILL, NOT_BACK), proof(List.of(OLD, MID, NEW), WILL, BACK));
        assertThat(ways(plan(fleet))).containsOnly("old > mid > new");
        assertThat(ways(plan(spec(3, false), fleet))).containsOnly("old > new");
    }

    @Test
    void what_a_guest_brings_with_it_is_what_it_was_born_with() {
        FleetView fleet = around();
        List<VmState> elsewhere =
                fleet.vms().stream().map(vm -> Fleets.born(vm, OTHER)).toList();
        FleetView born = Fleets.withVms(fleet, elsewhere);
        RolloutSpec unrehearsed = spec(2, true, RehearsalPolicy.OFF);
        assertThat(plan(unrehearsed, born).waves()).isEmpty();
        assertThat(ProofsWanted.of(unrehearsed, PREFLIGHT, born))
                .extracting(ProofWanted::way)
                .contains(List.of(OTHER, OLD, MID, NEW));
        FleetView proven = Fleets.withVms(fleet(closed(), proof(List.of(OTHER, OLD, MID, NEW), WILL, BACK)), elsewhere);
        assertThat(ways(plan(unrehearsed, proven))).containsOnly("old > mid > new");
    }

    @Test
    void what_is_asked_of_agents_follows_the_answers_and_ends() {
        assertThat(questions()).containsExactly("old>new");
        assertThat(questions(closed())).containsExactlyInAnyOrder("old>mid>new", "old>other>new");
        Proof notOverMid = proof(List.of(OLD, MID, NEW), WONT);
        Proof notOverOther = proof(List.of(OLD, OTHER, NEW), WONT);
        assertThat(questions(closed(), notOverMid)).containsExactly("old>other>new");
        assertThat(questions(closed(), notOverMid, notOverOther))
                .containsExactlyInAnyOrder("old>mid>other>new", "old>other>mid>new");
        assertThat(questions(
                        closed(),
                        notOverMid,
                        notOverOther,
                        proof(List.of(OLD, MID, OTHER, NEW), WONT),
                        proof(List.of(OLD, OTHER, MID, NEW), WONT)))
                .isEmpty();
        assertThat(questions(closed(), proof(List.of(OLD, MID, NEW), WILL, BACK)))
                .isEmpty();
        assertThat(questions(proof(List.of(OLD, NEW), WILL, BACK))).isEmpty();
    }

    @Test
    void whatever_is_lost_or_repeated_every_vm_goes_its_whole_way() {
        for (int seed = 0; seed < 30; seed++) {
            World world = run(seed, 0);
            assertThat(world.allAtRest()).isTrue();
            assertThat(world.budget.tokens()).isEmpty();
            assertThat(world.vms.values())
                    .extracting(vm -> Objects.requireNonNull(vm.revision()).release())
                    .containsOnly(NEW);
            // One start and two hand-overs.
            assertThat(world.vms.values())
                    .extracting(vm -> vm.generation().value())
                    .allMatch(generation -> generation >= 3);
        }
    }

    @Test
    void a_vm_that_fails_on_its_way_says_where_it_stays_and_can_be_taken_back() {
        int onTheWay = 0;
        var takenBack = new TreeSet<String>();
        for (int seed = 0; seed < 30; seed++) {
            World world = run(seed, 5 + 3 * seed);
            RolloutState rollout = Objects.requireNonNull(world.rollouts.get(new RolloutId("r-1")));
            assertThat(rollout.phase()).isEqualTo(RolloutPhase.COMPLETE);
            VmLines lines = rollout.lines();
            for (int i = 0; i < lines.size(); i++) {
                VmState vm =
                        Objects.requireNonNull(world.vms.get(lines.assignment(i).vm()));
                ReleaseId runs = Objects.requireNonNull(vm.revision()).release();
                VmLine line = lines.get(i);
                ReleaseId expected = line.progress() == Progress.UPGRADED ? NEW : line.hop() == 0 ? OLD : MID;
                assertThat(runs).as("%s: %s", vm.id(), line).isEqualTo(expected);
                if (runs.equals(MID)) {
                    onTheWay++;
                    assertThat(line.sentence()).contains("It stays on release mid, after 1 of 2 hops.");
                }
            }
            List<VmState> now = List.copyOf(world.vms.values());
            FleetView after = Fleets.withVms(around(), now);
            // Where no VM got anywhere, there is nothing to take back.
            if (PLANNER.back(plan(around()), world.vms.keySet(), after) instanceof Planned.Made back) {
                takenBack.addAll(ways(back.plan()));
            }
        }
        assertThat(takenBack).containsExactlyInAnyOrder("new > mid > old", "mid > old");
        assertThat(onTheWay).isPositive();
    }

    private static FleetView around() {
        return fleet(closed(), proof(List.of(OLD, MID, NEW), WILL, BACK));
    }

    private static World run(int seed, int failPercent) {
        FleetView fleet = around();
        var world = new World(seed, 20, fleet.vms());
        world.versions.put(MID, "1.5");
        world.failPercent = failPercent;
        world.apply(new RolloutId("r-1"), plan(fleet));
        for (int i = 0; i < 300; i++) {
            world.step();
        }
        world.settle();
        return world;
    }

    private static Proof closed() {
        return proof(List.of(OLD, NEW), WONT);
    }

    private static Proof proof(List<ReleaseId> way, Finding... findings) {
        String shape =
                Shape.of(Objects.requireNonNull(Fleets.of(1, 1).vms().getFirst().spec()));
        return new Proof(way, shape, List.of(findings));
    }

    private static FleetView fleet(Proof... proofs) {
        FleetView two = Fleets.of(2, 2);
        List<Release> releases = List.of(
                Fleets.release(OLD, "1.0", CAN_CPR),
                Fleets.release(MID, "1.5", CAN_CPR),
                Fleets.release(OTHER, "1.6", CAN_CPR),
                Fleets.release(NEW, "2.0", CAN_CPR));
        return new FleetView(two.fleet(), 1, two.hosts(), two.vms(), releases, List.of(), Arrays.asList(proofs));
    }

    private static RolloutSpec spec(int hops, boolean wayBack) {
        return spec(hops, wayBack, RehearsalPolicy.WHEN_CLONE_REFUSED);
    }

    private static RolloutSpec spec(int hops, boolean wayBack, RehearsalPolicy rehearsal) {
        RolloutSpec all = Fleets.spec(
                List.of(WaveSpec.EVERYTHING), new Limits(Limits.DEFAULT.budget(), null, -1, -1, -1, OnLimit.PAUSE));
        return new RolloutSpec(
                all.name(),
                all.labels(),
                all.release(),
                all.hosts(),
                all.vms(),
                new RolloutSpec.MethodPolicy(List.of(MethodChoice.SHARED_RAM), false, wayBack, rehearsal, hops),
                all.waves(),
                all.limits(),
                all.windows());
    }

    private static Plan plan(FleetView fleet) {
        return plan(spec(3, true), fleet);
    }

    private static Plan plan(RolloutSpec spec, FleetView fleet) {
        return Fleets.plan(spec, fleet);
    }

    private static Set<String> ways(Plan plan) {
        var ways = new TreeSet<String>();
        for (Plan.Wave wave : plan.waves()) {
            for (Plan.Assignment part : wave.assignments()) {
                ways.add(part.from() + " > "
                        + part.hops().stream().map(hop -> hop.to().value()).collect(Collectors.joining(" > ")));
            }
        }
        return ways;
    }

    private static List<String> skips(FleetView fleet) {
        Plan plan = plan(fleet);
        assertThat(plan.waves()).isEmpty();
        return plan.skipped().stream().map(skip -> skip.refusal().code()).toList();
    }

    private static List<String> questions(Proof... proofs) {
        List<ProofWanted> wanted = ProofsWanted.of(spec(3, true), PREFLIGHT, fleet(proofs));
        var texts = new ArrayList<String>();
        wanted.forEach(question ->
                texts.add(question.way().stream().map(ReleaseId::value).collect(Collectors.joining(">"))));
        return texts;
    }
}
