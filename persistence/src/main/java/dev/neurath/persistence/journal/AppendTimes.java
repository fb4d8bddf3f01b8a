package dev.neurath.persistence.journal;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Unit;

/** From an append's arrival until it is durable, of this process; in the Prometheus client's default registry. */
final class AppendTimes {
    private static final double[] BOUNDS = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30};

    private static final Histogram SECONDS = Histogram.builder()
            .name("neurath_journal_append_seconds")
            .help("From an append's arrival until it is durable.")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(BOUNDS)
            .register();

    private AppendTimes() {}

    /** @param began System.nanoTime() when it arrived */
    static void durable(long began) {
        SECONDS.observe((System.nanoTime() - began) / 1e9);
    }
}
