package dev.neurath.model.rollout;

import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.fleet.FleetView;
import dev.neurath.model.fleet.HostView;
import dev.neurath.model.fleet.Preflight;
import dev.neurath.model.release.Release;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a plan of an intent: which VMs, in which wave, by which methods, and why not the rest.
 *
 * <p>Pure: the same intent and fleet give the same bytes. Every selected VM is either in exactly one wave or skipped with a reason; nothing is left
 * out silently.
 *
 * <p>It changes nothing and promises nothing: each VM is looked at again when its turn comes.
 */
public final class Planner {
    private final Preflight preflight;

    public Planner(Preflight preflight) {
        this.preflight = preflight;
    }

    /** @param yaml the text that {@code spec} was read from; it stays with the plan */
    public Planned plan(RolloutSpec spec, String yaml, FleetView fleet) {
        List<Release> wanted = wanted(spec.release().qemu(), fleet);
        if (wanted.isEmpty()) {
            return Planned.refuse(
                    "RELEASE_UNKNOWN",
                    "release.qemu%s: there is no release '%s'."
                            .formatted(spec.release().at(), spec.release().qemu()),
                    "neurath release list");
        }
        if (wanted.size() > 1) {
            return Planned.refuse(
                    "RELEASE_AMBIGUOUS",
                    "release.qemu%s: '%s' is the version of several releases: %s."
                            .formatted(
                                    spec.release().at(),
                                    spec.release().qemu(),
                                    wanted.stream().map(r -> r.id().value()).collect(Collectors.joining(", "))),
                    "name one of them by its id");
        }
        Release to = wanted.getFirst();
        Map<HostId, HostView> hosts = fleet.hosts().stream()
                .filter(host -> spec.hosts().matches(labels(host)))
                .collect(Collectors.toMap(HostView::id, host -> host, (a, b) -> a, LinkedHashMap::new));
        if (hosts.isEmpty()) {
            return nothingSelected("select.hosts", spec.hosts(), "host");
        }
        List<VmState> vms = fleet.vms().stream()
                .filter(vm -> lives(vm) && hosts.containsKey(vm.host()))
                .filter(vm -> spec.vms().matches(labels(vm)))
                .toList();
        if (vms.isEmpty()) {
            return nothingSelected("select.vms", spec.vms(), "VM on the selected hosts");
        }
        var sorted = new Sorted();
        for (VmState vm : vms) {
            HostView host = hosts.get(vm.host());
            Ways.Found found = new Ways(preflight, fleet, vm, host, spec.method()).to(to);
            sorted.add(vm, host, found, spec.limits().pause());
        }
        if (spec.method().refuseOtherwise() && !sorted.skips.isEmpty()) {
            Plan.Skip first = sorted.skips.getFirst();
            return Planned.refuse(
                    first.refusal().code(),
                    "%d of %d VMs cannot be taken; the first: %s"
                            .formatted(
                                    sorted.skips.size(),
                                    vms.size(),
                                    first.refusal().sentence()),
                    "say otherwise: skip, or: " + first.refusal().wayOut());
        }
        return switch (Waves.cut(spec.waves(), sorted.assignments)) {
            case Waves.Uncovered left ->
                Planned.refuse(
                        "WAVES_INCOMPLETE",
                        "waves%s: %d of %d VMs are in no wave."
                                .formatted(left.at(), left.vms(), sorted.assignments.size()),
                        "add a last wave with hosts: rest");
            case Waves.Cut cut ->
                new Planned.Made(PlanBytes.named(new Plan(
                        "",
                        fleet.fleet(),
                        fleet.generation(),
                        spec.name(),
                        to.id(),
                        to.version(),
                        cut.waves(),
                        sorted.skips,
                        spec.limits(),
                        spec.labels(),
                        spec.windows(),
                        yaml)));
        };
    }

    /**
     * The way back: takes those of {@code vms} that still run what {@code done} gave them to the release that they came from, in one wave.
     *
     * @param vms in any order
     */
    public Planned back(Plan done, Set<VmId> vms, FleetView fleet) {
        Map<VmId, Plan.Assignment> parts = new HashMap<>();
        done.waves().forEach(wave -> wave.assignments().forEach(part -> parts.put(part.vm(), part)));
        Map<HostId, HostView> hosts =
                fleet.hosts().stream().collect(Collectors.toMap(HostView::id, host -> host, (a, b) -> a));
        var policy = new RolloutSpec.MethodPolicy(
                List.of(MethodChoice.HAND_OVER),
                false,
                false,
                RehearsalPolicy.WHEN_CLONE_REFUSED,
                RolloutSpec.MethodPolicy.MOST_HOPS);
        var sorted = new Sorted();
        for (VmState vm : fleet.vms()) {
            Plan.Assignment part = parts.get(vm.id());
            Revision revision = vm.revision();
            if (part == null || !vms.contains(vm.id()) || revision == null || !lives(vm)) {
                continue;
            }
            int behind = 0;
            for (Plan.Hop hop : part.hops()) {
                behind++;
                if (hop.to().equals(revision.release())) {
                    break;
                }
            }
            List<Plan.Hop> gone = part.hops().subList(0, behind);
            if (!gone.getLast().to().equals(revision.release())) {
                sorted.skips.add(new Plan.Skip(
                        vm.id(),
                        vm.host(),
                        Refusal.of(
                                "STALE_PLAN",
                                "VM %s runs release %s, not %s: there is nothing to take back."
                                        .formatted(vm.id(), revision.release(), part.to()),
                                "nothing to do")));
                continue;
            }
            HostView host = hosts.get(vm.host());
            sorted.add(
                    vm,
                    host,
                    new Ways(preflight, fleet, vm, host, policy).back(gone),
                    done.limits().pause());
        }
        if (sorted.assignments.isEmpty()) {
            return Planned.refuse(
                    "NOTHING_TO_REVERT",
                    "None of the VMs of plan %s can be taken back%s."
                            .formatted(
                                    done.id(),
                                    sorted.skips.isEmpty()
                                            ? ""
                                            : "; the first: "
                                                    + sorted.skips
                                                            .getFirst()
                                                            .refusal()
                                                            .sentence()),
                    "neurath vm list");
        }
        Release first = find(sorted.assignments.getFirst().to(), fleet).orElseThrow();
        var limits = new Limits(
                done.limits().budget(),
                done.limits().pause(),
                done.limits().failures(),
                done.limits().quarantined(),
                done.limits().overPause(),
                // The way back has no way back: trouble on it is for a human.
                OnLimit.PAUSE);
        return new Planned.Made(PlanBytes.named(new Plan(
                "",
                fleet.fleet(),
                fleet.generation(),
                done.name() + "-back",
                first.id(),
                first.version(),
                List.of(new Plan.Wave("back", Duration.ZERO, false, sorted.assignments)),
                sorted.skips,
                limits,
                done.labels(),
                List.of(),
                "")));
    }

    /** What a plan would say of this VM, whatever its phase and its host's: each method with its reason against it. */
    public List<Plan.Candidate> candidates(VmState vm, Release to, FleetView fleet) {
        return new Ways(preflight, fleet, vm, null, RolloutSpec.MethodPolicy.DEFAULT).candidates(to);
    }

    static List<Release> wanted(String name, FleetView fleet) {
        List<Release> byId = fleet.releases().stream()
                .filter(release -> release.id().value().equals(name))
                .toList();
        return byId.isEmpty()
                ? fleet.releases().stream()
                        .filter(release -> release.version().equals(name))
                        .toList()
                : byId;
    }

    static Optional<Release> find(ReleaseId id, FleetView fleet) {
        return fleet.releases().stream()
                .filter(release -> release.id().equals(id))
                .findFirst();
    }

    private static boolean lives(VmState vm) {
        return vm.phase() != VmPhase.ABSENT && vm.phase() != VmPhase.GONE;
    }

    static SortedMap<String, String> labels(HostView host) {
        var labels = new TreeMap<>(host.facts().labels());
        labels.put("id", host.id().value());
        return labels;
    }

    static SortedMap<String, String> labels(VmState vm) {
        VmSpec spec = vm.spec();
        var labels = new TreeMap<String, String>(spec == null ? Map.of() : spec.labels());
        labels.put("id", vm.id().value());
        labels.put("host", String.valueOf(vm.host()));
        return labels;
    }

    private static Planned nothingSelected(String field, Selector selector, String what) {
        return Planned.refuse(
                "SELECTOR_MATCHES_NOTHING",
                "%s%s: '%s' matches no %s.".formatted(field, selector.at(), selector.text(), what),
                "neurath host list, neurath vm list");
    }

    /** VMs sorted into those that can be taken and those that are left alone. */
    private static final class Sorted {
        private final List<Plan.Assignment> assignments = new ArrayList<>();
        private final List<Plan.Skip> skips = new ArrayList<>();

        void add(VmState vm, @Nullable HostView host, Ways.Found found, @Nullable Duration pauseLimit) {
            switch (found) {
                case Ways.None none -> skips.add(new Plan.Skip(vm.id(), vm.host(), none.refusal()));
                case Ways.Way way -> {
                    VmSpec spec = Objects.requireNonNull(vm.spec(), "description of a VM that passed the pre-flight");
                    HostView at = Objects.requireNonNull(host, "host of a VM that passed the pre-flight");
                    assignments.add(new Plan.Assignment(
                            vm.id(),
                            at.id(),
                            at.facts().rack(),
                            at.facts().zone(),
                            way.hops(),
                            smaller(spec.pauseBudget(), pauseLimit)));
                }
            }
        }

        private static Duration smaller(Duration own, @Nullable Duration limit) {
            return limit == null || own.compareTo(limit) < 0 ? own : limit;
        }
    }
}
