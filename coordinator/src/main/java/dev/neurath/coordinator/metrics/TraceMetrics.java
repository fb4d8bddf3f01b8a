package dev.neurath.coordinator.metrics;

import dev.neurath.coordinator.traces.TraceCounts;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;

/** What became of the traces that this node had to export since it started. */
final class TraceMetrics implements TraceCounts {
    private final Counter exported;
    private final Counter dropped;

    TraceMetrics(PrometheusRegistry registry) {
        exported = Counter.builder()
                .name("neurath_traces_exported_total")
                .help("Traces that the collector took from this node.")
                .register(registry);
        dropped = Counter.builder()
                .name("neurath_traces_dropped_total")
                .help("Traces that the collector never got: it was down or slow for too long.")
                .labelNames("cause")
                .register(registry);
        for (Cause cause : Cause.values()) {
            // A series that is not there never fires an alert.
            dropped.initLabelValues(word(cause));
        }
    }

    @Override
    public void exported(int traces) {
        exported.inc(traces);
    }

    @Override
    public void dropped(int traces, Cause cause) {
        dropped.labelValues(word(cause)).inc(traces);
    }

    private static String word(Cause cause) {
        return cause.name().toLowerCase(Locale.ROOT);
    }
}
