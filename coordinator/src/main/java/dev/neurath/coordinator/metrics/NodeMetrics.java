package dev.neurath.coordinator.metrics;

import dev.neurath.coordinator.fleet.FeedEntry;
import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.FleetProjection;
import dev.neurath.coordinator.fleet.VmChanges;
import dev.neurath.coordinator.traces.TraceCounts;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.rollout.Progress;
import dev.neurath.model.rollout.RolloutState;
import dev.neurath.model.rollout.VmLines;
import dev.neurath.model.vm.VmPhase;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** A node's /metrics: the fleet as this node sees it, and the node's own journal. Never the id of a VM or host as a label. */
public final class NodeMetrics {
    /** What a scraper is sent that asks for nothing in particular. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final UpgradeMetrics upgrades;
    private final TraceMetrics traces;
    private final InstantSource clock;
    private final Counter events;
    private volatile @Nullable FleetProjection projection;
    private volatile @Nullable FeedLag lag;

    /** @param reasons codes that may be labels */
    public NodeMetrics(InstantSource clock, String version, Set<String> reasons) {
        this.clock = clock;
        this.upgrades = new UpgradeMetrics(registry, reasons);
        this.traces = new TraceMetrics(registry);
        Info.builder()
                .name("neurath_build_info")
                .help("The version of this node.")
                .labelNames("version")
                .register(registry)
                .setLabelValues(version);
        this.events = Counter.builder()
                .name("neurath_feed_events_total")
                .help("Events folded into this node's view, from the journal's first one on.")
                .register(registry);
        GaugeWithCallback.builder()
                .name("neurath_feed_lag_seconds")
                .help(
                        "How long the oldest event that this node's view lacks has been waiting for it; 0 if it lacks none.")
                .unit(Unit.SECONDS)
                .callback(callback -> {
                    FeedLag known = lag;
                    callback.call(known == null ? 0 : known.now().toNanos() / 1e9);
                })
                .register(registry);
        phases("neurath_vms", "VMs by phase.", VmPhase.class, NodeMetrics::vms);
        phases("neurath_hosts", "Hosts by phase.", HostPhase.class, NodeMetrics::hosts);
        gauge(
                "neurath_budget_in_use",
                "Tokens held: VMs that an attempt may be made on.",
                fleet -> fleet.budget().tokens().size());
        gauge(
                "neurath_uncertain_vms",
                "VMs without contact in an attempt.",
                fleet -> vms(fleet).getOrDefault(VmPhase.UNCERTAIN, 0));
        rollouts();
    }

    /** To be told of what this node folds in. */
    public VmChanges vmChanges() {
        return upgrades;
    }

    /** To be told of what this node exports. */
    public TraceCounts traceCounts() {
        return traces;
    }

    /** Called with every page of the feed. */
    public void follow(List<FeedEntry> page) {
        events.inc(page.size());
    }

    /**
     * From now on there is a view of the fleet.
     *
     * @param oldestWaiting when the oldest event that the view lacks was written, asked at every scrape; it throws if that cannot be told
     */
    public void of(FleetProjection started, Supplier<Optional<Instant>> oldestWaiting) {
        projection = started;
        lag = new FeedLag(clock, oldestWaiting);
    }

    /** In Prometheus' text format, UTF-8; with what the libraries of this process count beside. */
    public byte[] text() {
        var all = new ArrayList<MetricSnapshot>();
        registry.scrape().forEach(all::add);
        PrometheusRegistry.defaultRegistry.scrape().forEach(all::add);
        var out = new ByteArrayOutputStream();
        try {
            ExpositionFormats.init().getPrometheusTextFormatWriter().write(out, new MetricSnapshots(all));
        } catch (IOException e) {
            throw new IllegalStateException("memory takes every byte", e);
        }
        return out.toByteArray();
    }

    private <P extends Enum<P>> void phases(
            String name, String help, Class<P> phases, Function<FleetFacts, Map<P, Integer>> counts) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("phase")
                .callback(callback -> {
                    Map<P, Integer> found = read(counts, Map::of);
                    // Every phase, also an empty one: an alert on a series that is not there never fires.
                    for (P phase : phases.getEnumConstants()) {
                        callback.call(found.getOrDefault(phase, 0), phase.name().toLowerCase(Locale.ROOT));
                    }
                })
                .register(registry);
    }

    private void gauge(String name, String help, ToDoubleFunction<FleetFacts> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(read(value::applyAsDouble, () -> 0.0)))
                .register(registry);
    }

    private void rollouts() {
        GaugeWithCallback.builder()
                .name("neurath_rollout_progress_ratio")
                .help("Part of its VMs that a rollout has come to an end with, of rollouts that have not ended.")
                .labelNames("rollout")
                .callback(callback -> read(NodeMetrics::progress, Map::<String, Double>of)
                        .forEach((rollout, ratio) -> callback.call(ratio, rollout)))
                .register(registry);
    }

    private static Map<String, Double> progress(FleetFacts fleet) {
        var ratios = new TreeMap<String, Double>();
        for (RolloutState rollout : fleet.rollouts()) {
            if (!rollout.isAtRest()) {
                ratios.put(rollout.id().value(), overRatio(rollout.lines()));
            }
        }
        return ratios;
    }

    private static double overRatio(VmLines lines) {
        int open = lines.count(Progress.WAITING) + lines.count(Progress.IN_FLIGHT);
        return lines.size() == 0 ? 1 : 1 - (double) open / lines.size();
    }

    private static Map<VmPhase, Integer> vms(FleetFacts fleet) {
        var counts = new EnumMap<VmPhase, Integer>(VmPhase.class);
        fleet.vms().forEach(vm -> counts.merge(vm.state().phase(), 1, Integer::sum));
        return counts;
    }

    private static Map<HostPhase, Integer> hosts(FleetFacts fleet) {
        var counts = new EnumMap<HostPhase, Integer>(HostPhase.class);
        fleet.hosts().forEach(host -> counts.merge(host.state().phase(), 1, Integer::sum));
        return counts;
    }

    private <T> T read(Function<FleetFacts, T> read, Supplier<T> unknown) {
        FleetProjection known = projection;
        return known == null ? unknown.get() : known.read(read);
    }
}
