package dev.neurath.coordinator.metrics;

import dev.neurath.coordinator.fleet.VmChanges;
import dev.neurath.coordinator.fleet.VmEntry;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How attempts ended, how long guests stood still and how long VMs were in each phase, counted from the feed.
 *
 * <p>A node folds the whole journal, so each node shows the counts of the whole fleet since its founding: they survive restarts, and are not to be
 * summed over nodes.
 */
final class UpgradeMetrics implements VmChanges {
    /** From the pauses of small guests to what no owner accepts. */
    private static final double[] PAUSES = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

    /** Of the phases of an attempt; the long ones of waiting and being held lie in the last. */
    private static final double[] PHASES = {0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600, 86_400};

    /** Codes come from agents too, and a label must not have values without end. */
    private static final String OTHER = "OTHER";

    private final Set<String> reasons;
    private final Counter upgrades;
    private final Histogram pauses;
    private final Histogram phases;

    /** @param reasons the codes that are told; others are one */
    UpgradeMetrics(PrometheusRegistry registry, Set<String> reasons) {
        this.reasons = Set.copyOf(reasons);
        upgrades = Counter.builder()
                .name("neurath_vm_upgrades_total")
                .help("Attempts to upgrade a VM, by how they ended.")
                .labelNames("result", "reason", "method")
                .register(registry);
        pauses = Histogram.builder()
                .name("neurath_vm_pause_seconds")
                .help("How long a guest was stopped by an attempt, as its agent measured it.")
                .unit(Unit.SECONDS)
                .classicOnly()
                .classicUpperBounds(PAUSES)
                .labelNames("method")
                .register(registry);
        phases = Histogram.builder()
                .name("neurath_vm_phase_duration_seconds")
                .help("How long a VM was in a phase of an attempt.")
                .unit(Unit.SECONDS)
                .classicOnly()
                .classicUpperBounds(PHASES)
                .labelNames("phase")
                .register(registry);
    }

    @Override
    public void changed(VmEntry before, VmEvent event, VmEntry after) {
        if (before.state().inFlight() && before.state().phase() != after.state().phase()) {
            phases.labelValues(word(before.state().phase()))
                    .observe(seconds(Duration.between(before.since(), after.since())));
        }
        End end = end(before.state().inFlight(), event);
        if (end != null) {
            String method = method(before);
            upgrades.labelValues(end.result(), known(end.reason()), method).inc();
            if (end.pause() instanceof Pause.Measured measured) {
                pauses.labelValues(method).observe(seconds(measured.duration()));
            }
        }
    }

    private String known(String reason) {
        return reason.isEmpty() || reasons.contains(reason) ? reason : OTHER;
    }

    /** @return null if the event ends no attempt */
    private static @Nullable End end(boolean inFlight, VmEvent event) {
        return switch (event) {
            case VmEvent.HandedOver e -> new End("upgraded", "", e.pause());
            case VmEvent.RolledBack e -> new End("as_it_was", e.reason(), e.pause());
            case VmEvent.UpgradeRefused e -> new End("refused", e.refusal().code(), null);
            case VmEvent.AttemptClosed e -> new End("closed", "", null);
            case VmEvent.DoubleRunFound e -> new End("quarantined", "DOUBLE_RUN", null);
            case VmEvent.Lost e -> inFlight ? new End("lost", "", null) : null;
            case VmEvent.Ended e -> inFlight ? new End("gone", e.reason(), null) : null;
            default -> null;
        };
    }

    private record End(
            String result, String reason, @Nullable Pause pause) {}

    private static String method(VmEntry before) {
        var attempt = before.state().attempt();
        return attempt == null ? "" : attempt.method().name().toLowerCase(Locale.ROOT);
    }

    static String word(VmPhase phase) {
        return phase.name().toLowerCase(Locale.ROOT);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
