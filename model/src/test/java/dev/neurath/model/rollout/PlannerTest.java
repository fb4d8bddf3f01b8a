package dev.neurath.model.rollout;

import static dev.neurath.model.rollout.Fleets.CAN_CPR;
import static dev.neurath.model.rollout.Fleets.NEW;
import static dev.neurath.model.rollout.Fleets.OLD;
import static dev.neurath.model.rollout.Fleets.PLANNER;
import static dev.neurath.model.rollout.Fleets.PREFLIGHT;
import static dev.neurath.model.rollout.Fleets.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.fleet.FleetView;
import dev.neurath.model.fleet.Hardware;
import dev.neurath.model.fleet.HostView;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.proof.Finding;
import dev.neurath.model.proof.Judgement;
import dev.neurath.model.proof.Probe;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.proof.Shape;
import dev.neurath.model.proof.Verdict;
import dev.neurath.model.release.PairRefusal;
import dev.neurath.model.release.ReleaseFacts;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final RolloutSpec ALL = RolloutSpec.of("all", "new");

    @Test
    void the_same_fleet_in_any_order_gives_the_same_bytes() {
        FleetView fleet = Fleets.of(9, 3);
        RolloutSpec spec = Fleets.spec(
                List.of(
                        wave("canary", new Share.Percent(1000), 2, 0),
                        wave("", new Share.Count(3), 0, 2),
                        wave("rest", new Share.Rest(), 0, 2)),
                Limits.DEFAULT);
        Plan first = plan(spec, fleet);
        for (int seed = 0; seed < 50; seed++) {
            var random = new Random(seed);
            var shuffled = new FleetView(
                    fleet.fleet(),
                    seed,
                    shuffled(fleet.hosts(), random),
                    shuffled(fleet.vms(), random),
                    shuffled(fleet.releases(), random),
                    fleet.pairRefusals(),
                    fleet.proofs());
            Plan again = plan(spec, shuffled);
            assertThat(PlanBytes.of(again)).as("seed %d", seed).isEqualTo(PlanBytes.of(first));
            assertThat(again.id()).isEqualTo(first.id());
        }
    }

    @Test
    void another_fleet_or_intent_gives_another_id() {
        var ids = new HashSet<String>();
        ids.add(plan(ALL, Fleets.of(2, 2)).id());
        ids.add(plan(ALL, Fleets.of(2, 3)).id());
        ids.add(plan(RolloutSpec.of("other", "new"), Fleets.of(2, 2)).id());
        var onlyShared = ReleaseFacts.of(List.of(), List.of(ReleaseFacts.IGNORE_SHARED));
        ids.add(plan(ALL, Fleets.withFacts(Fleets.of(2, 2), CAN_CPR, onlyShared))
                .id());
        assertThat(ids).hasSize(4).allMatch(id -> id.matches("p-[0-9a-f]{16}"));
    }

    @Test
    void every_selected_vm_is_in_exactly_one_wave_or_skipped_with_a_reason() {
        for (int seed = 0; seed < 100; seed++) {
            var random = new Random(seed);
            FleetView fleet = Fleets.of(1 + random.nextInt(12), 1 + random.nextInt(5));
            var waves = new ArrayList<WaveSpec>();
            for (int w = random.nextInt(4); w > 0; w--) {
                Share share = random.nextBoolean()
                        ? new Share.Percent(1 + random.nextInt(10_000))
                        : new Share.Count(1 + random.nextInt(4));
                waves.add(wave("", share, random.nextInt(4), random.nextInt(3)));
            }
            waves.add(wave("rest", new Share.Rest(), 0, random.nextInt(4)));
            Plan plan = plan(Fleets.spec(waves, Limits.DEFAULT), fleet);
            List<VmId> planned = plan.waves().stream()
                    .flatMap(wave -> wave.assignments().stream())
                    .map(Plan.Assignment::vm)
                    .toList();
            assertThat(planned).as("seed %d", seed).doesNotHaveDuplicates();
            assertThat(planned)
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(
                            fleet.vms().stream().map(VmState::id).toList());
            assertThat(plan.waves())
                    .as("seed %d", seed)
                    .noneMatch(wave -> wave.assignments().isEmpty());
        }
    }

    @Test
    void waves_are_cut_by_hosts_as_the_intent_says() {
        Plan plan = plan(
                Fleets.spec(
                        List.of(
                                wave("canary", new Share.Percent(100), 1, 0),
                                wave("", new Share.Count(2), 0, 0),
                                wave("rest", new Share.Rest(), 0, 4)),
                        Limits.DEFAULT),
                Fleets.of(10, 2));
        assertThat(plan.waves()).extracting(Plan.Wave::name).containsExactly("canary", "wave-1", "rest-1", "rest-2");
        assertThat(plan.waves()).extracting(w -> w.assignments().size()).containsExactly(1, 3, 8, 8);
        assertThat(plan.waves().get(0).assignments().getFirst().vm()).isEqualTo(new VmId("vm-00-0"));
    }

    @Test
    void waves_that_leave_vms_out_are_refused() {
        assertThat(refusal(
                        Fleets.spec(List.of(wave("canary", new Share.Count(1), 0, 0)), Limits.DEFAULT),
                        Fleets.of(3, 2)))
                .satisfies(r -> assertThat(r.code()).isEqualTo("WAVES_INCOMPLETE"))
                .satisfies(r -> assertThat(r.sentence()).contains("4 of 6"));
    }

    @Test
    void a_selector_that_matches_nothing_is_refused_with_its_line() {
        var hosts = new RolloutSpec(
                "x",
                ALL.labels(),
                ALL.release(),
                Selector.parse("rack = nowhere", new At(5, 21)),
                ALL.vms(),
                ALL.method(),
                ALL.waves(),
                ALL.limits(),
                List.of());
        assertThat(refusal(hosts, Fleets.of(2, 2)))
                .satisfies(r -> assertThat(r.code()).isEqualTo("SELECTOR_MATCHES_NOTHING"))
                .satisfies(r -> assertThat(r.sentence()).contains("select.hosts (line 5, column 21)"));
        var vms = new RolloutSpec(
                "x",
                ALL.labels(),
                ALL.release(),
                ALL.hosts(),
                Selector.parse("tier = nothing", new At(6, 3)),
                ALL.method(),
                ALL.waves(),
                ALL.limits(),
                List.of());
        assertThat(refusal(vms, Fleets.of(2, 2)).sentence()).contains("select.vms (line 6, column 3)");
    }

    @Test
    void an_unknown_or_ambiguous_release_is_refused() {
        assertThat(refusal(RolloutSpec.of("x", "9.9"), Fleets.of(1, 1)).code()).isEqualTo("RELEASE_UNKNOWN");
        assertThat(plan(RolloutSpec.of("x", "2.0"), Fleets.of(1, 1)).release()).isEqualTo(NEW);
        FleetView two = Fleets.of(1, 1);
        var releases = new ArrayList<>(two.releases());
        releases.add(Fleets.release(new dev.neurath.model.ReleaseId("new-b"), "2.0", null));
        var ambiguous =
                new FleetView(two.fleet(), 1, two.hosts(), two.vms(), releases, two.pairRefusals(), two.proofs());
        assertThat(refusal(RolloutSpec.of("x", "2.0"), ambiguous).code()).isEqualTo("RELEASE_AMBIGUOUS");
    }

    @Test
    void cpr_comes_first_unless_a_release_is_known_not_to_be_able_to() {
        FleetView fleet = Fleets.of(1, 1);
        assertThat(methods(Fleets.withFacts(fleet, CAN_CPR, CAN_CPR)))
                .containsExactly(Method.CPR_TRANSFER, Method.SHARED_RAM);
        assertThat(methods(Fleets.withFacts(fleet, CAN_CPR, null)))
                .containsExactly(Method.CPR_TRANSFER, Method.SHARED_RAM);
        assertThat(methods(Fleets.withFacts(fleet, null, null)))
                .containsExactly(Method.CPR_TRANSFER, Method.SHARED_RAM);
        var onlyShared = ReleaseFacts.of(List.of(), List.of(ReleaseFacts.IGNORE_SHARED));
        assertThat(methods(Fleets.withFacts(fleet, CAN_CPR, onlyShared))).containsExactly(Method.SHARED_RAM);
    }

    @Test
    void a_schemas_no_is_final_and_a_clones_is_not_for_a_guest_that_was_born_elsewhere() {
        FleetView fleet = Fleets.withFacts(Fleets.of(1, 1), CAN_CPR, CAN_CPR);
        var clone = new Finding(Probe.CLONE, null, Verdict.WONT, Judgement.CLONE_REFUSED, "rings too large");
        var shared = new Finding(Probe.CLONE, Method.SHARED_RAM, Verdict.WONT, Judgement.CLONE_REFUSED, "the same");
        var schema = new Finding(Probe.SCHEMA, null, Verdict.WONT, "DEVICE_STATE_INCOMPATIBLE", "isa-vga");
        FleetView refused = proven(fleet, OLD, clone, shared);
        assertThat(skip(refused)).isEqualTo("CLONE_REFUSED");
        FleetView elsewhere = proven(fleet, new ReleaseId("older"), clone, shared);
        assertThat(plan(ALL, elsewhere)
                        .waves()
                        .getFirst()
                        .assignments()
                        .getFirst()
                        .hops()
                        .getFirst()
                        .tried())
                .isNotEmpty()
                .allSatisfy(candidate -> assertThat(candidate.rehearsal()).isEqualTo(Rehearsal.DECIDES));
        assertThat(skip(proven(fleet, new ReleaseId("older"), clone, shared, schema)))
                .isNotEmpty();
        // The channel alone was refused: that is the method's fault, and no state helps.
        var channel = new Finding(Probe.CLONE, Method.CPR_TRANSFER, Verdict.WONT, Judgement.CLONE_REFUSED, "-2");
        assertThat(methods(proven(fleet, new ReleaseId("older"), channel))).containsExactly(Method.SHARED_RAM);
    }

    @Test
    void what_nobody_could_tell_refuses_nothing_and_a_way_back_that_is_none_does() {
        FleetView fleet = Fleets.withFacts(Fleets.of(1, 1), CAN_CPR, CAN_CPR);
        var unsure = new Finding(Probe.CLONE, null, Verdict.INCONCLUSIVE, "CLONE_NOT_POSSIBLE", "vfio");
        assertThat(methods(proven(fleet, OLD, unsure))).hasSize(2);
        var back = new Finding(Probe.CLONE_BACK, Method.SHARED_RAM, Verdict.WONT, Judgement.CLONE_REFUSED, "newer");
        assertThat(skip(proven(fleet, OLD, back))).isEqualTo("WAY_BACK_NONE");
    }

    @Test
    void one_question_is_asked_for_a_shape_and_none_for_what_is_known() {
        FleetView fleet = Fleets.of(2, 3);
        assertThat(ProofsWanted.of(RolloutSpec.of("all", "new"), PREFLIGHT, fleet))
                .hasSize(1);
        assertThat(ProofsWanted.of(RolloutSpec.of("all", "new"), PREFLIGHT, proven(fleet, OLD)))
                .isEmpty();
    }

    private static FleetView proven(FleetView fleet, ReleaseId born, Finding... findings) {
        List<VmState> vms =
                fleet.vms().stream().map(vm -> Fleets.born(vm, born)).toList();
        String shape = Shape.of(Objects.requireNonNull(vms.getFirst().spec()));
        return new FleetView(
                fleet.fleet(),
                1,
                fleet.hosts(),
                vms,
                fleet.releases(),
                List.of(),
                List.of(new Proof(List.of(OLD, NEW), shape, List.of(findings))));
    }

    @Test
    void a_refusal_learnt_of_a_pair_of_releases_removes_the_method() {
        FleetView fleet = Fleets.withFacts(Fleets.of(1, 1), CAN_CPR, CAN_CPR);
        var learnt = new FleetView(
                fleet.fleet(),
                1,
                fleet.hosts(),
                fleet.vms(),
                fleet.releases(),
                List.of(new PairRefusal(
                        OLD, NEW, Method.CPR_TRANSFER, Refusal.of("DEVICE_STATE_INCOMPATIBLE", "No.", "none"))),
                List.of());
        assertThat(methods(learnt)).containsExactly(Method.SHARED_RAM);
        assertThat(plan(ALL, learnt)
                        .waves()
                        .getFirst()
                        .assignments()
                        .getFirst()
                        .hops()
                        .getFirst()
                        .candidates())
                .anySatisfy(c -> assertThat(c.refusal()).isNotNull());
    }

    @Test
    void each_reason_to_leave_a_vm_alone_has_its_code() {
        FleetView fleet = Fleets.of(1, 1);
        VmState vm = fleet.vms().getFirst();
        HostView host = fleet.hosts().getFirst();
        assertThat(skip(Fleets.withHosts(fleet, List.of(new HostView(host.id(), false, null, host.facts())))))
                .isEqualTo("HOST_UNREACHABLE");
        assertThat(skip(Fleets.withHosts(fleet, List.of(new HostView(host.id(), true, "repair", host.facts())))))
                .isEqualTo("HOST_CORDONED");
        assertThat(skip(Fleets.withHosts(fleet, List.of(host.with(new HostFacts(Map.of(), 1, 1, 1 << 20, 1, "", ""))))))
                .isEqualTo("NO_FREE_MEMORY");
        assertThat(skip(Fleets.withVms(fleet, List.of(vm.evolve(new VmEvent.HoldPlaced("exam", Fleets.OPERATOR))))))
                .isEqualTo("HELD_BY_OWNER");
        assertThat(skip(Fleets.withVms(
                        fleet,
                        List.of(vm.evolve(
                                new VmEvent.StopOrdered(vm.generation().next(), Fleets.OPERATOR))))))
                .isEqualTo("VM_NOT_STEADY");
        assertThat(skip(Fleets.withVms(fleet, List.of(runs(vm, "new", "2.0"))))).isEqualTo("ALREADY_THERE");
        assertThat(skip(Fleets.withVms(fleet, List.of(runs(vm, "forgotten", "0.9")))))
                .isEqualTo("WAY_BACK_NONE");
        assertThat(skip(Fleets.withVms(
                        fleet, List.of(Fleets.steady("v", "host-00", List.of("-device", "vfio-pci,host=1"))))))
                .isEqualTo("DEVICE_CLASS");
        assertThat(skip(Fleets.withVms(
                        fleet,
                        List.of(Fleets.steady("v", "host-00", List.of("-object", "memory-backend-ram,id=m,size=1G"))))))
                .isEqualTo("MEMORY_PRIVATE");
        String shared = "memory-backend-ram,id=m,size=1G,share=on";
        assertThat(Hardware.of(Objects.requireNonNull(Fleets.steady("v", "host-00", List.of("-object", shared))
                                .spec()))
                        .privateMemory())
                .isEmpty();
        var otherMachines = ReleaseFacts.of(List.of("pc-q35-2.0"), List.of(ReleaseFacts.IGNORE_SHARED));
        assertThat(skip(Fleets.withFacts(fleet, null, otherMachines))).isEqualTo("MACHINE_TYPE_UNKNOWN");
        var nothing = ReleaseFacts.of(List.of(), List.of());
        assertThat(skip(Fleets.withFacts(fleet, null, nothing))).isEqualTo("METHOD_NOT_POSSIBLE");
    }

    @Test
    void a_plan_that_must_take_everybody_is_refused_by_the_first_that_cannot_be_taken() {
        FleetView fleet = Fleets.of(1, 2);
        var vms = new ArrayList<>(fleet.vms());
        vms.set(1, vms.get(1).evolve(new VmEvent.HoldPlaced("exam", Fleets.OPERATOR)));
        var strict = new RolloutSpec(
                "x",
                ALL.labels(),
                ALL.release(),
                ALL.hosts(),
                ALL.vms(),
                new RolloutSpec.MethodPolicy(List.of(MethodChoice.HAND_OVER), true, true, RehearsalPolicy.OFF, 1),
                ALL.waves(),
                ALL.limits(),
                List.of());
        assertThat(refusal(strict, Fleets.withVms(fleet, vms)).code()).isEqualTo("HELD_BY_OWNER");
    }

    @Test
    void the_pause_limit_is_the_smaller_of_the_owners_and_the_rollouts() {
        Limits tight = new Limits(Limits.DEFAULT.budget(), Duration.ofMillis(100), 1, 1, 1, OnLimit.PAUSE);
        Limits wide = new Limits(Limits.DEFAULT.budget(), Duration.ofSeconds(9), 1, 1, 1, OnLimit.PAUSE);
        assertThat(first(tight).pauseLimit()).isEqualTo(Duration.ofMillis(100));
        assertThat(first(wide).pauseLimit()).isEqualTo(Duration.ofMillis(500));
        assertThat(first(Limits.DEFAULT).pauseLimit()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void the_way_back_takes_only_what_still_runs_what_it_was_given() {
        FleetView before = Fleets.of(1, 3);
        Plan done = plan(ALL, before);
        List<VmState> vms = before.vms();
        FleetView after = Fleets.withVms(
                before, List.of(runs(vms.get(0), "new", "2.0"), runs(vms.get(1), "new", "2.0"), vms.get(2)));
        Set<VmId> ids = Set.of(vms.get(0).id(), vms.get(2).id());
        Planned planned = PLANNER.back(done, ids, after);
        assertThat(planned).isInstanceOfSatisfying(Planned.Made.class, made -> {
            assertThat(made.plan().waves().getFirst().assignments())
                    .singleElement()
                    .satisfies(part -> {
                        assertThat(part.vm()).isEqualTo(vms.get(0).id());
                        assertThat(part.to()).isEqualTo(OLD);
                        assertThat(part.hops().getFirst().fromVersion()).isEqualTo("2.0");
                    });
            assertThat(made.plan().skipped())
                    .extracting(s -> s.refusal().code())
                    .containsExactly("STALE_PLAN");
        });
        assertThat(PLANNER.back(done, Set.of(vms.get(2).id()), after))
                .isInstanceOfSatisfying(
                        Planned.Refused.class,
                        r -> assertThat(r.refusal().code()).isEqualTo("NOTHING_TO_REVERT"));
    }

    private static WaveSpec wave(String name, Share hosts, int vms, int size) {
        return new WaveSpec(name, hosts, vms, size, Duration.ZERO, false, At.NOWHERE);
    }

    private static <T> List<T> shuffled(List<T> list, Random random) {
        var copy = new ArrayList<>(list);
        Collections.shuffle(copy, random);
        return copy;
    }

    private static VmState runs(VmState vm, String release, String version) {
        return vm.evolve(new VmEvent.RevisionSeen(
                new Revision(new dev.neurath.model.ReleaseId(release), version, "bb"),
                new QemuProcess("boot", 11, 200, "/run/q"),
                vm.generation(),
                new FactStamp(1, 2)));
    }

    private static Plan.Assignment first(Limits limits) {
        return plan(Fleets.spec(List.of(WaveSpec.EVERYTHING), limits), Fleets.of(1, 1))
                .waves()
                .getFirst()
                .assignments()
                .getFirst();
    }

    private static List<Method> methods(FleetView fleet) {
        return plan(ALL, fleet)
                .waves()
                .getFirst()
                .assignments()
                .getFirst()
                .hops()
                .getFirst()
                .methods();
    }

    private static String skip(FleetView fleet) {
        Plan plan = plan(ALL, fleet);
        assertThat(plan.waves()).isEmpty();
        assertThat(plan.skipped()).hasSize(1);
        Refusal refusal = plan.skipped().getFirst().refusal();
        assertThat(refusal.sentence()).isNotBlank();
        assertThat(refusal.wayOut()).isNotBlank();
        return refusal.code();
    }

    private static Refusal refusal(RolloutSpec spec, FleetView fleet) {
        Planned planned = PLANNER.plan(spec, "", fleet);
        assertThat(planned).isInstanceOf(Planned.Refused.class);
        return ((Planned.Refused) planned).refusal();
    }
}
