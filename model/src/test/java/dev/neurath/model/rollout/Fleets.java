package dev.neurath.model.rollout;

import dev.neurath.model.Actor;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.fleet.FactsPreflight;
import dev.neurath.model.fleet.FleetView;
import dev.neurath.model.fleet.HostView;
import dev.neurath.model.fleet.Preflight;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.release.Release;
import dev.neurath.model.release.ReleaseFacts;
import dev.neurath.model.release.ReleaseFile;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Small fleets to plan for. */
final class Fleets {
    static final Actor OPERATOR = new Actor("operator");
    static final ReleaseId OLD = new ReleaseId("old");
    static final ReleaseId NEW = new ReleaseId("new");
    static final FleetId FLEET = new FleetId("fleet-1");
    static final ReleaseFacts CAN_CPR = ReleaseFacts.of(
            List.of(),
            List.of(
                    ReleaseFacts.CPR_TRANSFER_IN,
                    ReleaseFacts.CPR_TRANSFER_OUT,
                    ReleaseFacts.AUX_RAM_SHARE,
                    ReleaseFacts.IGNORE_SHARED));
    static final Preflight PREFLIGHT = new FactsPreflight();
    static final Planner PLANNER = new Planner(PREFLIGHT);

    private Fleets() {}

    /** Hosts host-00, host-01, … in racks of four and zones of eight, each with VMs vm-HH-V. */
    static FleetView of(int hosts, int vmsPerHost) {
        var views = new ArrayList<HostView>();
        var vms = new ArrayList<VmState>();
        for (int h = 0; h < hosts; h++) {
            views.add(host(h));
            for (int v = 0; v < vmsPerHost; v++) {
                vms.add(steady("vm-%02d-%d".formatted(h, v), "host-%02d".formatted(h), List.of()));
            }
        }
        return new FleetView(
                FLEET,
                7,
                views,
                vms,
                List.of(release(OLD, "1.0", null), release(NEW, "2.0", null)),
                List.of(),
                List.of());
    }

    static HostView host(int h) {
        var labels = Map.of("rack", "rack-" + h / 4, "zone", "zone-" + h / 8);
        return new HostView(
                new HostId("host-%02d".formatted(h)),
                true,
                null,
                new HostFacts(labels, 8, 64L << 30, 32L << 30, 32L << 30, "6.12", "tcg"));
    }

    static Release release(ReleaseId id, String version, @Nullable ReleaseFacts facts) {
        return new Release(
                id,
                version,
                List.of("/opt/" + id + "/qemu"),
                new TreeMap<>(),
                List.of(new ReleaseFile("/opt/" + id + "/qemu", "0".repeat(64))),
                "",
                facts);
    }

    static VmState steady(String id, String host, List<String> extraArguments) {
        return steady(id, host, extraArguments, OLD);
    }

    /** The same, first started by another release than runs it now. */
    static VmState born(VmState vm, ReleaseId on) {
        return steady(vm.id().value(), String.valueOf(vm.host()), List.of(), on);
    }

    private static VmState steady(String id, String host, List<String> extraArguments, ReleaseId born) {
        var vm = new VmId(id);
        var spec = new VmSpec(
                vm,
                born,
                "pc-q35-1.0",
                "qemu64",
                "tcg",
                1,
                256L << 20,
                List.of(),
                List.of(),
                new VmSpec.Boot(null, null, null, null),
                extraArguments,
                Map.of("tier", id.endsWith("0") ? "web" : "db", "name", id),
                Duration.ofMillis(500),
                List.of());
        return VmState.initial(vm)
                .evolve(new VmEvent.StartOrdered(spec, new HostId(host), new Generation(1), OPERATOR))
                .evolve(new VmEvent.Started(
                        new Revision(OLD, "1.0", "aa"),
                        new QemuProcess("boot", 10, 100, "/run/q"),
                        new FactStamp(1, 1)));
    }

    static FleetView withVms(FleetView view, List<VmState> vms) {
        return new FleetView(
                view.fleet(),
                view.generation(),
                view.hosts(),
                vms,
                view.releases(),
                view.pairRefusals(),
                view.proofs());
    }

    static FleetView withHosts(FleetView view, List<HostView> hosts) {
        return new FleetView(
                view.fleet(),
                view.generation(),
                hosts,
                view.vms(),
                view.releases(),
                view.pairRefusals(),
                view.proofs());
    }

    static FleetView withFacts(FleetView view, @Nullable ReleaseFacts from, @Nullable ReleaseFacts to) {
        return new FleetView(
                view.fleet(),
                view.generation(),
                view.hosts(),
                view.vms(),
                List.of(release(OLD, "1.0", from), release(NEW, "2.0", to)),
                view.pairRefusals(),
                view.proofs());
    }

    static RolloutSpec spec(List<WaveSpec> waves, Limits limits) {
        RolloutSpec all = RolloutSpec.of("all", "new");
        return new RolloutSpec(
                all.name(),
                all.labels(),
                all.release(),
                all.hosts(),
                all.vms(),
                all.method(),
                waves,
                limits,
                List.of());
    }

    static Plan plan(RolloutSpec spec, FleetView view) {
        return switch (PLANNER.plan(spec, "yaml", view)) {
            case Planned.Made made -> made.plan();
            case Planned.Refused refused ->
                throw new AssertionError(refused.refusal().toString());
        };
    }
}
