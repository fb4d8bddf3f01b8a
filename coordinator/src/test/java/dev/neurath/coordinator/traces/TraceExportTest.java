package dev.neurath.coordinator.traces;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.coordinator.fleet.VmChanges;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.coordinator.traces.ScriptedCollector.Mood;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of ended attempts while collectors and nodes come and go. */
@Timeout(60)
class TraceExportTest {
    private static final int MOST = 50;
    private static final Duration KEEP = Duration.ofMinutes(10);

    private final ScriptedCollector collector = new ScriptedCollector();
    private final Counts counts = new Counts();
    private final List<TraceExport> exports = new ArrayList<>();
    private volatile Instant now = Story.NOON;
    private int vms;

    private static final class Counts implements TraceCounts {
        private int exported;
        private final Map<Cause, Integer> dropped = new EnumMap<>(Cause.class);

        @Override
        public synchronized void exported(int traces) {
            exported += traces;
        }

        @Override
        public synchronized void dropped(int traces, Cause cause) {
            dropped.merge(cause, traces, Integer::sum);
        }

        synchronized int exported() {
            return exported;
        }

        synchronized Map<Cause, Integer> dropped() {
            return Map.copyOf(dropped);
        }
    }

    private TraceExport node() {
        var export = TraceExport.start(Story.FLEET, collector, counts, new TraceExport.Settings(MOST, KEEP), () -> now);
        exports.add(export);
        return export;
    }

    @AfterEach
    void stop() {
        exports.forEach(TraceExport::close);
    }

    private void attempts(int many, Instant at, VmChanges told) {
        for (int i = 0; i < many; i++) {
            new Story("vm-" + vms++, at, told).begun("r-1", "qemu-11").refused();
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        TestFleet.await(what, Duration.ofSeconds(30), condition);
    }

    @Test
    void the_node_on_duty_exports_and_the_others_do_not() {
        TraceExport first = node();
        TraceExport second = node();
        first.takeOver();
        attempts(3, now, first.vmChanges().and(second.vmChanges()));
        await("all are exported", () -> counts.exported() == 3);
        assertThat(collector.traces()).isEqualTo(3);
    }

    @Test
    void a_node_that_takes_over_tells_again_what_ended_lately_as_the_same_traces() {
        TraceExport first = node();
        TraceExport second = node();
        first.takeOver();
        attempts(2, now, first.vmChanges().and(second.vmChanges()));
        await("the first has told", () -> counts.exported() == 2);
        first.handOn();
        attempts(1, now, first.vmChanges().and(second.vmChanges()));
        second.takeOver();
        await("the second has told", () -> counts.exported() == 5);
        assertThat(collector.traces()).isEqualTo(3);
        List<SpanData> taken = collector.taken();
        assertThat(taken.subList(4, 8)).isEqualTo(taken.subList(0, 4));
    }

    @Test
    void what_grew_old_while_another_node_exported_is_not_counted_as_dropped() {
        TraceExport first = node();
        TraceExport second = node();
        first.takeOver();
        attempts(2, now, first.vmChanges().and(second.vmChanges()));
        await("the first has told", () -> counts.exported() == 2);
        now = now.plus(KEEP).plusSeconds(1);
        first.handOn();
        second.takeOver();
        attempts(1, now, first.vmChanges().and(second.vmChanges()));
        await("the second tells what is new", () -> counts.exported() == 3);
        assertThat(collector.traces()).isEqualTo(3);
        assertThat(counts.dropped()).isEmpty();
    }

    @Test
    void a_node_that_starts_leaves_out_what_ended_long_ago_and_misses_nothing() {
        TraceExport export = node();
        export.takeOver();
        attempts(200, now.minus(KEEP).minusSeconds(1), export.vmChanges());
        attempts(1, now.minus(KEEP).plusSeconds(1), export.vmChanges());
        await("the young one is told", () -> counts.exported() == 1);
        assertThat(collector.traces()).isEqualTo(1);
        assertThat(counts.dropped()).isEmpty();
    }

    @Test
    void a_collector_that_hangs_holds_nobody_up_and_the_oldest_give_way_to_the_newest() {
        TraceExport export = node();
        export.takeOver();
        collector.is(Mood.HANGS);
        attempts(1, now, export.vmChanges());
        await("it was asked", () -> collector.asked() == 1);
        long before = System.nanoTime();
        attempts(5 * MOST, now, export.vmChanges());
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        assertThat(counts.dropped()).containsOnly(Map.entry(TraceCounts.Cause.TOO_MANY, 4 * MOST + 1));
        assertThat(counts.exported()).isZero();
    }

    @Test
    void what_is_not_taken_is_offered_again() {
        TraceExport export = node();
        export.takeOver();
        collector.is(Mood.REFUSES);
        attempts(3, now, export.vmChanges());
        await("it was refused twice", () -> collector.asked() >= 2);
        collector.is(Mood.TAKES);
        await("it was taken", () -> counts.exported() == 3);
        assertThat(collector.traces()).isEqualTo(3);
        assertThat(collector.taken()).hasSize(6);
        assertThat(counts.dropped()).isEmpty();
    }

    @Test
    void an_exporter_that_throws_is_offered_the_same_again() {
        TraceExport export = node();
        export.takeOver();
        collector.is(Mood.THROWS);
        attempts(3, now, export.vmChanges());
        await("it threw twice", () -> collector.asked() >= 2);
        collector.is(Mood.TAKES);
        await("it was taken", () -> counts.exported() == 3);
        assertThat(collector.traces()).isEqualTo(3);
        assertThat(counts.dropped()).isEmpty();
    }

    @Test
    void a_trace_that_is_never_taken_holds_up_no_others_and_is_dropped_when_it_is_too_old() {
        TraceExport export = node();
        collector.rejects("vm-0");
        attempts(4, now, export.vmChanges());
        export.takeOver();
        await("the others are told", () -> counts.exported() == 3);
        assertThat(collector.vms()).containsExactlyInAnyOrder("vm-1", "vm-2", "vm-3");
        now = now.plus(KEEP).plusSeconds(1);
        await("it is dropped", () -> counts.dropped().getOrDefault(TraceCounts.Cause.TOO_OLD, 0) == 1);
        assertThat(counts.exported()).isEqualTo(3);
    }

    @Test
    void the_oldest_give_way_even_if_they_were_refused_and_stand_behind_others() {
        TraceExport export = node();
        attempts(1, now, export.vmChanges());
        now = now.plusSeconds(1);
        attempts(1, now, export.vmChanges());
        // Both, then the older one: it goes to the end. The younger one hangs.
        collector.refusesThenHangs(2);
        export.takeOver();
        await("the younger one hangs", () -> collector.asked() == 3);
        attempts(MOST - 1, now, export.vmChanges());
        assertThat(counts.dropped()).containsOnly(Map.entry(TraceCounts.Cause.TOO_MANY, 1));
        collector.is(Mood.TAKES);
        await("the others are told", () -> counts.exported() == MOST);
        assertThat(collector.vms()).contains("vm-1").doesNotContain("vm-0");
    }

    @Test
    void what_is_not_taken_for_too_long_is_dropped_and_counted() {
        TraceExport export = node();
        export.takeOver();
        collector.is(Mood.REFUSES);
        attempts(3, now, export.vmChanges());
        await("it was refused", () -> collector.asked() >= 1);
        now = now.plus(KEEP).plusMillis(1);
        await("they are dropped", () -> counts.dropped().getOrDefault(TraceCounts.Cause.TOO_OLD, 0) == 3);
        collector.is(Mood.TAKES);
        attempts(1, now, export.vmChanges());
        await("the next one is told", () -> counts.exported() == 1);
        assertThat(collector.traces()).isEqualTo(1);
    }

    @Test
    void a_node_that_stops_offers_what_waits_and_does_not_wait_for_a_collector_that_hangs() {
        TraceExport export = node();
        export.takeOver();
        attempts(3, now, export.vmChanges());
        export.close();
        assertThat(collector.traces()).isEqualTo(3);
        assertThat(collector.isClosed()).isTrue();

        TraceExport hanging = node();
        hanging.takeOver();
        collector.is(Mood.HANGS);
        attempts(3, now, hanging.vmChanges());
        long before = System.nanoTime();
        hanging.close();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }
}
