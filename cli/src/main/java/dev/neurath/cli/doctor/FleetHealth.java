package dev.neurath.cli.doctor;

import dev.neurath.proto.v1.FreezeState;
import dev.neurath.proto.v1.Host;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmPhase;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Whether a rollout begun now would find its fleet in order. Pure. */
public final class FleetHealth {
    private static final int NAMED = 5;

    private FleetHealth() {}

    public static List<Finding> findings(List<Host> hosts, List<Vm> vms, List<Release> releases) {
        return List.of(agents(hosts), cordons(hosts), versions(hosts), guests(vms), releases(vms, releases));
    }

    public static Finding freeze(FreezeState state) {
        return state.getFrozen()
                ? Finding.warn(
                        "freeze",
                        "Nothing new starts: frozen by %s: %s".formatted(state.getBy(), state.getReason()),
                        "neurath thaw")
                : Finding.ok("freeze", "The fleet is not frozen.");
    }

    public static Finding freezeUnknown(String why) {
        return Finding.warn(
                "freeze",
                "Whether the fleet is frozen is not known: " + why,
                "ask again when all nodes are of one build");
    }

    private static Finding agents(List<Host> hosts) {
        if (hosts.isEmpty()) {
            return Finding.warn(
                    "agents", "No host has ever connected.", "neurath agent --host ID --coordinator HOST:PORT");
        }
        // Somebody knows already, and no rollout waits for them.
        List<String> dead = inState(hosts, "DECLARED_DEAD"::equals);
        List<String> away = inState(hosts, state -> !state.equals("CONNECTED") && !state.equals("DECLARED_DEAD"));
        if (!away.isEmpty()) {
            return Finding.fail(
                    "agents",
                    "%d of %d hosts are not connected: %s.".formatted(away.size(), hosts.size(), named(away)),
                    "neurath host show " + away.getFirst());
        }
        return dead.isEmpty()
                ? Finding.ok("agents", "All %d hosts are connected.".formatted(hosts.size()))
                : Finding.warn(
                        "agents",
                        "%d of %d hosts are declared dead: %s.".formatted(dead.size(), hosts.size(), named(dead)),
                        "neurath explain HOST_DECLARED_DEAD");
    }

    private static List<String> inState(List<Host> hosts, Predicate<String> state) {
        return hosts.stream()
                .filter(host -> state.test(host.getState()))
                .map(Host::getId)
                .toList();
    }

    private static Finding cordons(List<Host> hosts) {
        List<String> cordoned =
                hosts.stream().filter(Host::getCordoned).map(Host::getId).toList();
        return cordoned.isEmpty()
                ? Finding.ok("cordons", "No host is cordoned.")
                : Finding.warn(
                        "cordons",
                        "%d hosts are cordoned, nothing starts there: %s.".formatted(cordoned.size(), named(cordoned)),
                        "neurath host uncordon " + cordoned.getFirst());
    }

    private static Finding versions(List<Host> hosts) {
        Map<String, Long> counts = hosts.stream()
                .filter(host -> !host.getAgentVersion().isEmpty())
                .collect(Collectors.groupingBy(Host::getAgentVersion, TreeMap::new, Collectors.counting()));
        return counts.size() <= 1
                ? Finding.ok(
                        "agent versions",
                        counts.isEmpty()
                                ? "None is known."
                                : "All are " + counts.keySet().iterator().next() + ".")
                : Finding.warn(
                        "agent versions",
                        counts.entrySet().stream()
                                .map(entry -> entry.getValue() + " × " + entry.getKey())
                                .collect(Collectors.joining(", ")),
                        "finish the upgrade of the agents");
    }

    private static Finding guests(List<Vm> vms) {
        List<Vm> troubled = vms.stream()
                .filter(vm -> vm.getPhase() == VmPhase.VM_PHASE_QUARANTINED
                        || vm.getPhase() == VmPhase.VM_PHASE_UNCERTAIN
                        || vm.getPhase() == VmPhase.VM_PHASE_LOST)
                .toList();
        if (troubled.isEmpty()) {
            return Finding.ok("guests", "None of %d VMs needs you.".formatted(vms.size()));
        }
        return Finding.fail(
                "guests",
                "%d of %d VMs need you: %s."
                        .formatted(
                                troubled.size(),
                                vms.size(),
                                named(troubled.stream().map(Vm::getId).toList())),
                "neurath explain " + troubled.getFirst().getId());
    }

    private static Finding releases(List<Vm> vms, List<Release> releases) {
        List<String> known = releases.stream().map(Release::getId).toList();
        List<String> unknown = vms.stream()
                .filter(vm ->
                        vm.hasRevision() && !known.contains(vm.getRevision().getRelease()))
                .map(Vm::getId)
                .toList();
        return unknown.isEmpty()
                ? Finding.ok("releases", "%d are registered; every VM runs one of them.".formatted(known.size()))
                : Finding.warn(
                        "releases",
                        "%d VMs run a release that is not registered, so they have no way back: %s."
                                .formatted(unknown.size(), named(unknown)),
                        "neurath release register -f release.json");
    }

    private static String named(List<String> ids) {
        return String.join(", ", ids.subList(0, Math.min(NAMED, ids.size()))) + (ids.size() > NAMED ? ", …" : "");
    }
}
