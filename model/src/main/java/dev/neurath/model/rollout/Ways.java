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
import dev.neurath.model.release.ReleaseRules;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One VM's ways to a release: directly where that can be, and else over other registered releases, by as few hops as possible.
 *
 * <p>Hops add up only if one machine has gone them all: what the first release built is what the last one has to take, and neither of two hops by itself shows
 * that. So a way of several hops needs a proof of the whole of it, from the release that the guest was born on, and back where the policy wants a way back.
 * Later hops are rehearsed with the guest's own state, unless the policy forbids it.
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

    Found to(Release to) {
        Found direct = direct(to);
        return direct instanceof None && mayGoAround(to)
                ? shortest(to).<Found>map(Way::new).orElse(direct)
                : direct;
    }

    /** Back over the releases that it came by, which were gone back when the way was proven. */
    Found back(List<Plan.Hop> gone) {
        Revision at = vm.revision();
        Release origin = Planner.find(gone.getFirst().from(), fleet).orElse(null);
        if (gone.size() == 1 || at == null || origin == null) {
            return origin == null
                    ? new None(ReleaseRules.unknown(gone.getFirst().from()))
                    : to(origin);
        }
        Optional<Refusal> refusal = preflight.refuses(facts(at, origin, false).withoutProof());
        if (refusal.isPresent()) {
            return new None(refusal.get());
        }
        var hops = new ArrayList<Plan.Hop>();
        for (Plan.Hop hop : gone.reversed()) {
            Release next = Planner.find(hop.from(), fleet).orElse(null);
            if (next == null) {
                return new None(ReleaseRules.unknown(hop.from()));
            }
            List<Plan.Candidate> candidates = onTheWay(at, next, true);
            if (candidates.stream().allMatch(candidate -> candidate.refusal() != null)) {
                return new None(Candidates.noneHolds(vm, next, candidates));
            }
            hops.add(new Plan.Hop(at.release(), at.version(), next.id(), candidates));
            at = new Revision(next.id(), next.version(), "");
        }
        return new Way(hops);
    }

    /** Each method of the direct way, with its reason against it. */
    List<Plan.Candidate> candidates(Release to) {
        return candidates(facts(vm.revision(), to, false));
    }

    /** @return the ways whose proofs decide next; none once a way is found or none can be. Asked again when they are known. */
    Set<List<ReleaseId>> unknown(Release to) {
        Revision runs = vm.revision();
        if (runs == null || vm.spec() == null || runs.release().equals(to.id()) || !registered(runs.release())) {
            return Set.of();
        }
        List<ReleaseId> directly = List.of(runs.release(), to.id());
        if (proof(directly).isEmpty()) {
            return Set.of(directly);
        }
        if (direct(to) instanceof Way || !mayGoAround(to)) {
            return Set.of();
        }
        for (int hops = 2; hops <= policy.hops(); hops++) {
            var missing = new LinkedHashSet<List<ReleaseId>>();
            boolean found = over(to, hops - 1, List.of(), missing).isPresent();
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
        for (int hops = 2; hops <= policy.hops(); hops++) {
            Optional<List<Plan.Hop>> way = over(to, hops - 1, List.of(), new LinkedHashSet<>());
            if (way.isPresent()) {
                return way;
            }
        }
        return Optional.empty();
    }

    /**
     * In the order of the releases' ids, so that the same fleet gives the same way.
     *
     * @param more how many releases are still to be chosen
     * @param between those that are
     */
    private Optional<List<Plan.Hop>> over(Release to, int more, List<Release> between, Set<List<ReleaseId>> missing) {
        if (more == 0) {
            return proven(to, between, missing);
        }
        Revision start = Objects.requireNonNull(vm.revision(), "revision of a VM that passed the pre-flight");
        for (Release next : fleet.releases()) {
            boolean usable = !next.id().equals(to.id())
                    && !next.id().equals(start.release())
                    && !between.contains(next)
                    && preflight
                            .refuses(facts(start, next, false).withoutProof())
                            .isEmpty();
            if (usable) {
                var longer = new ArrayList<>(between);
                longer.add(next);
                Optional<List<Plan.Hop>> way = over(to, more - 1, longer, missing);
                if (way.isPresent()) {
                    return way;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<List<Plan.Hop>> proven(Release to, List<Release> between, Set<List<ReleaseId>> missing) {
        Revision at = Objects.requireNonNull(vm.revision(), "revision of a VM that passed the pre-flight");
        ReleaseId born = Objects.requireNonNull(vm.spec(), "description of a VM that passed the pre-flight")
                .release();
        var whole = new ArrayList<ReleaseId>();
        if (!born.equals(at.release())) {
            whole.add(born);
        }
        whole.add(at.release());
        between.forEach(release -> whole.add(release.id()));
        whole.add(to.id());
        if (!registered(born)) {
            return Optional.empty();
        }
        Optional<Proof> proof = proof(whole);
        if (proof.isEmpty()) {
            missing.add(List.copyOf(whole));
            return Optional.empty();
        }
        boolean goes = proof.get().first(Probe.CLONE, Verdict.WILL).isPresent()
                && (!policy.wayBackRequired()
                        || proof.get().first(Probe.CLONE_BACK, Verdict.WILL).isPresent());
        var hops = new ArrayList<Plan.Hop>();
        for (int i = 0; goes && i <= between.size(); i++) {
            Release next = i < between.size() ? between.get(i) : to;
            List<Plan.Candidate> candidates = onTheWay(at, next, i > 0);
            goes = candidates.stream().anyMatch(candidate -> candidate.refusal() == null);
            hops.add(new Plan.Hop(at.release(), at.version(), next.id(), candidates));
            at = new Revision(next.id(), next.version(), "");
        }
        return goes ? Optional.of(hops) : Optional.empty();
    }

    /** The whole way was gone by shared memory; another method has to be proven for its hop. */
    private List<Plan.Candidate> onTheWay(Revision from, Release to, boolean later) {
        PreflightFacts facts = facts(from, to, false);
        Proof pair = facts.proof();
        Rehearsal rehearsal = later && policy.rehearsal() != RehearsalPolicy.OFF ? Rehearsal.ADVISES : Rehearsal.NONE;
        var candidates = new ArrayList<Plan.Candidate>();
        for (Plan.Candidate candidate : candidates(facts.withoutProof())) {
            boolean proven = candidate.method() == Method.SHARED_RAM
                    || (pair != null
                            && pair.findings().stream()
                                    .anyMatch(finding -> finding.probe() == Probe.CLONE
                                            && finding.verdict() == Verdict.WILL
                                            && finding.method() == candidate.method()));
            if (candidate.refusal() != null) {
                candidates.add(candidate);
            } else if (proven) {
                boolean always = candidate.rehearsal() != Rehearsal.NONE;
                candidates.add(
                        new Plan.Candidate(candidate.method(), null, always ? candidate.rehearsal() : rehearsal));
            } else {
                candidates.add(new Plan.Candidate(candidate.method(), notProven(from, to), Rehearsal.NONE));
            }
        }
        return candidates;
    }

    private Refusal notProven(Revision from, Release to) {
        return Refusal.of(
                "HOP_NOT_PROVEN",
                "VM %s: nobody has seen a machine like it get from release %s to %s by this method."
                        .formatted(vm.id(), from.release(), to.id()),
                "choose another release");
    }

    private List<Plan.Candidate> candidates(PreflightFacts facts) {
        return new Candidates(preflight, facts, policy.rehearsal()).of(policy.prefer());
    }

    private PreflightFacts facts(@Nullable Revision runs, Release to, boolean wayBack) {
        Release from = runs == null ? null : Planner.find(runs.release(), fleet).orElse(null);
        Proof proof =
                runs == null ? null : proof(List.of(runs.release(), to.id())).orElse(null);
        return new PreflightFacts(vm, host, runs, from, to, fleet.pairRefusals(), proof, wayBack);
    }

    private boolean registered(ReleaseId release) {
        return Planner.find(release, fleet).isPresent();
    }

    private Optional<Proof> proof(List<ReleaseId> way) {
        return fleet.proofs().stream().filter(proof -> proof.isOf(way, shape)).findFirst();
    }
}
