package dev.neurath.model.rollout;

import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.fleet.FleetView;
import dev.neurath.model.fleet.HostView;
import dev.neurath.model.fleet.Preflight;
import dev.neurath.model.fleet.PreflightFacts;
import dev.neurath.model.proof.Probe;
import dev.neurath.model.proof.Proof;
import dev.neurath.model.proof.Shape;
import dev.neurath.model.proof.Verdict;
import dev.neurath.model.release.Release;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One VM's ways to a release: directly where that can be, and else over other registered releases, by as few hops as possible.
 *
 * <p>A hop of several has to be proven by a clone, and back again where the policy wants a way back: nobody should find out half-way. The guest brings a state
 * that its last release did not begin with, so each later hop is rehearsed, unless the policy forbids it.
 */
final class Ways {
    private final Preflight preflight;
    private final FleetView fleet;
    private final VmState vm;
    private final @Nullable HostView host;
    private final RolloutSpec.MethodPolicy policy;
    /** Empty if it has no description. */
    private final String shape;

    Ways(Preflight preflight, FleetView fleet, VmState vm, @Nullable HostView host, RolloutSpec.MethodPolicy policy) {
        this.preflight = preflight;
        this.fleet = fleet;
        this.vm = vm;
        this.host = host;
        this.policy = policy;
        this.shape = vm.spec() == null ? "" : Shape.of(vm.spec());
    }

    sealed interface Found {}

    record Way(List<Plan.Hop> hops) implements Found {}

    record None(Refusal refusal) implements Found {}

    /** What would have to be found out before more can be said. */
    record Pair(ReleaseId from, ReleaseId to) {}

    Found to(Release to) {
        Found direct = direct(to);
        return direct instanceof None && mayGoAround(to)
                ? shortest(to).<Found>map(Way::new).orElse(direct)
                : direct;
    }

    /** Each method of the direct way, with its reason against it. */
    List<Plan.Candidate> candidates(Release to) {
        return candidates(facts(vm.revision(), to, false));
    }

    /** @return the pairs whose proofs decide next; none once a way is found or none can be. Asked again when they are known. */
    Set<Pair> unknown(Release to) {
        Revision runs = vm.revision();
        if (runs == null || vm.spec() == null || runs.release().equals(to.id()) || !registered(runs.release())) {
            return Set.of();
        }
        if (proof(runs.release(), to.id()).isEmpty()) {
            return Set.of(new Pair(runs.release(), to.id()));
        }
        if (direct(to) instanceof Way || !mayGoAround(to)) {
            return Set.of();
        }
        for (int length = 2; length <= policy.hops(); length++) {
            var missing = new LinkedHashSet<Pair>();
            boolean found = search(to, length, missing).isPresent();
            if (found || !missing.isEmpty()) {
                return found ? Set.of() : missing;
            }
        }
        return Set.of();
    }

    private Found direct(Release to) {
        PreflightFacts facts = facts(vm.revision(), to, policy.wayBackRequired());
        Optional<Refusal> refusal = preflight.refuses(facts);
        if (refusal.isPresent()) {
            return new None(refusal.get());
        }
        List<Plan.Candidate> candidates = candidates(facts);
        if (candidates.stream().allMatch(candidate -> candidate.refusal() != null)) {
            return new None(Candidates.noneHolds(vm, to, candidates));
        }
        Revision runs = Objects.requireNonNull(vm.revision(), "revision of a VM that passed the pre-flight");
        return new Way(List.of(new Plan.Hop(runs.release(), runs.version(), to.id(), candidates)));
    }

    /** Only the pair of releases stands against the direct way: what holds for the VM, its host or the wanted release would hold on any way. */
    private boolean mayGoAround(Release to) {
        return policy.hops() > 1
                && vm.spec() != null
                && preflight
                        .refuses(facts(vm.revision(), to, policy.wayBackRequired())
                                .withoutProof())
                        .isEmpty();
    }

    private Optional<List<Plan.Hop>> shortest(Release to) {
        for (int length = 2; length <= policy.hops(); length++) {
            Optional<List<Plan.Hop>> way = search(to, length, new LinkedHashSet<>());
            if (way.isPresent()) {
                return way;
            }
        }
        return Optional.empty();
    }

    /** Breadth first, in the order of the releases' ids, so that the same fleet gives the same way. */
    private Optional<List<Plan.Hop>> search(Release to, int length, Set<Pair> missing) {
        Revision start = Objects.requireNonNull(vm.revision(), "revision of a VM that passed the pre-flight");
        List<List<Plan.Hop>> ways = new ArrayList<>();
        ways.add(List.of());
        Set<ReleaseId> seen = new HashSet<>(Set.of(start.release()));
        for (int done = 0; done < length; done++) {
            boolean last = done == length - 1;
            List<List<Plan.Hop>> further = new ArrayList<>();
            for (List<Plan.Hop> way : ways) {
                for (Release next : last ? List.of(to) : fleet.releases()) {
                    if (!last && (next.id().equals(to.id()) || seen.contains(next.id()))) {
                        continue;
                    }
                    Optional<Plan.Hop> hop = proven(at(way, start), next, done > 0, missing);
                    if (hop.isPresent()) {
                        List<Plan.Hop> longer = new ArrayList<>(way);
                        longer.add(hop.get());
                        if (last) {
                            return Optional.of(longer);
                        }
                        further.add(longer);
                        seen.add(next.id());
                    }
                }
            }
            ways = further;
        }
        return Optional.empty();
    }

    private Revision at(List<Plan.Hop> way, Revision start) {
        return way.isEmpty()
                ? start
                : Planner.find(way.getLast().to(), fleet)
                        .map(release -> new Revision(release.id(), release.version(), ""))
                        .orElseThrow();
    }

    private Optional<Plan.Hop> proven(Revision from, Release to, boolean onTheWay, Set<Pair> missing) {
        PreflightFacts facts = facts(from, to, policy.wayBackRequired());
        if (preflight.refuses(facts).isPresent()) {
            return Optional.empty();
        }
        Proof proof = facts.proof();
        if (proof == null) {
            missing.add(new Pair(from.release(), to.id()));
            return Optional.empty();
        }
        boolean backProven = !policy.wayBackRequired()
                || proof.first(Probe.CLONE_BACK, Verdict.WILL).isPresent();
        List<Plan.Candidate> candidates = candidates(facts).stream()
                .map(candidate -> proven(candidate, proof, onTheWay))
                .toList();
        return backProven && candidates.stream().anyMatch(candidate -> candidate.refusal() == null)
                ? Optional.of(new Plan.Hop(from.release(), from.version(), to.id(), candidates))
                : Optional.empty();
    }

    private Plan.Candidate proven(Plan.Candidate candidate, Proof proof, boolean onTheWay) {
        if (candidate.refusal() != null) {
            return candidate;
        }
        boolean proven = proof.findings().stream()
                .anyMatch(finding -> finding.probe() == Probe.CLONE
                        && finding.verdict() == Verdict.WILL
                        && finding.method() == candidate.method());
        if (!proven) {
            return new Plan.Candidate(
                    candidate.method(),
                    Refusal.of(
                            "HOP_NOT_PROVEN",
                            "VM %s: nobody has seen a machine like it get from release %s to %s by this method."
                                    .formatted(vm.id(), proof.from(), proof.to()),
                            "choose another release"),
                    Rehearsal.NONE);
        }
        boolean rehearsed = onTheWay && policy.rehearsal() != RehearsalPolicy.OFF;
        return new Plan.Candidate(candidate.method(), null, rehearsed ? Rehearsal.ADVISES : candidate.rehearsal());
    }

    private List<Plan.Candidate> candidates(PreflightFacts facts) {
        return new Candidates(preflight, facts, policy.rehearsal()).of(policy.prefer());
    }

    private PreflightFacts facts(@Nullable Revision runs, Release to, boolean wayBack) {
        Release from = runs == null ? null : Planner.find(runs.release(), fleet).orElse(null);
        Proof proof = runs == null ? null : proof(runs.release(), to.id()).orElse(null);
        return new PreflightFacts(vm, host, runs, from, to, fleet.pairRefusals(), proof, wayBack);
    }

    private boolean registered(ReleaseId release) {
        return Planner.find(release, fleet).isPresent();
    }

    private Optional<Proof> proof(ReleaseId from, ReleaseId to) {
        return fleet.proofs().stream()
                .filter(proof -> proof.isOf(from, to, shape))
                .findFirst();
    }
}
