package dev.neurath.coordinator.node;

import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.FleetProjection;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.vm.VmPhase;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a Prometheus scrapes: counts of the fleet as this node sees it. Never an id as a label. */
final class Metrics {
    private volatile @Nullable FleetProjection projection;

    void of(FleetProjection started) {
        projection = started;
    }

    String text() {
        FleetProjection known = projection;
        return known == null ? "" : known.read(Metrics::text);
    }

    private static String text(FleetFacts fleet) {
        var out = new StringBuilder();
        var vms = new EnumMap<VmPhase, Integer>(VmPhase.class);
        fleet.vms().forEach(vm -> vms.merge(vm.state().phase(), 1, Integer::sum));
        family(out, "neurath_vms", "VMs by phase.", vms);
        var hosts = new EnumMap<HostPhase, Integer>(HostPhase.class);
        fleet.hosts().forEach(host -> hosts.merge(host.state().phase(), 1, Integer::sum));
        family(out, "neurath_hosts", "Hosts by phase.", hosts);
        out.append(
                        "# HELP neurath_budget_in_use Tokens held.\n# TYPE neurath_budget_in_use gauge\nneurath_budget_in_use ")
                .append(fleet.budget().tokens().size())
                .append('\n');
        out.append("# HELP neurath_uncertain_vms VMs without contact in an attempt.\n"
                        + "# TYPE neurath_uncertain_vms gauge\nneurath_uncertain_vms ")
                .append(vms.getOrDefault(VmPhase.UNCERTAIN, 0))
                .append('\n');
        out.append("# HELP neurath_feed_events_total Events seen by this node.\n"
                        + "# TYPE neurath_feed_events_total counter\nneurath_feed_events_total ")
                .append(fleet.rows())
                .append('\n');
        return out.toString();
    }

    private static <P extends Enum<P>> void family(
            StringBuilder out, String name, String help, Map<P, Integer> counts) {
        out.append("# HELP %s %s%n# TYPE %s gauge%n".formatted(name, help, name));
        counts.forEach((phase, count) ->
                out.append("%s{phase=\"%s\"} %d%n".formatted(name, phase.name().toLowerCase(Locale.ROOT), count)));
    }
}
