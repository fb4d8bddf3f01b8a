package dev.neurath.coordinator.traces;

import static dev.neurath.coordinator.traces.Story.measured;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.neurath.model.FleetId;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmRules;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Events in, spans out: times are milliseconds since noon, when the VM was started. */
class UpgradeTraceTest {
    private static final Set<VmPhase> IN_FLIGHT =
            Set.of(VmPhase.PREPARING, VmPhase.READY, VmPhase.SWITCHING, VmPhase.VERIFYING, VmPhase.UNCERTAIN);

    private final List<EndedAttempt> ended = new ArrayList<>();
    private final OpenAttempts open = new OpenAttempts(Story.FLEET, ended::add);
    private final Story web = new Story("web", open);

    private String only() {
        assertThat(ended).hasSize(1);
        return drawn(UpgradeTrace.of(ended.getFirst()));
    }

    private SpanData root(int attempt) {
        return UpgradeTrace.of(ended.get(attempt)).getFirst();
    }

    private Map<String, Object> told(int attempt) {
        var told = new LinkedHashMap<String, Object>();
        root(attempt).getAttributes().forEach((key, value) -> told.put(key.getKey(), value));
        return told;
    }

    @Test
    void an_upgrade_is_a_root_with_its_phases_and_the_pause_where_the_guest_was_stopped() {
        web.after(1000).begun("r-1", "qemu-11").after(300).prepared().after(50);
        web.handedOver(measured(6), "qemu-11", "11.1.3").after(2000).verified();
        assertThat(only()).isEqualTo("""
                upgrade 1000..3350 OK
                  prepare 1000..1300
                  switch 1300..1350
                    pause 1344..1350
                  verify 1350..3350
                """);
        assertThat(told(0))
                .containsOnly(
                        entry("neurath.vm", "web"),
                        entry("neurath.host", "h1"),
                        entry("neurath.rollout", "r-1"),
                        entry("neurath.wave", 2L),
                        entry("neurath.attempt", 20L),
                        entry("neurath.generation", 2L),
                        entry("neurath.method", "cpr_transfer"),
                        entry("neurath.from.release", "qemu-10"),
                        entry("neurath.from.version", "10.0.2"),
                        entry("neurath.to.release", "qemu-11"),
                        entry("neurath.to.version", "11.1.3"),
                        entry("neurath.outcome", "upgraded"),
                        entry("neurath.sentence", "3 beats"),
                        entry("neurath.pause.seconds", 0.006));
    }

    @Test
    void a_rollback_is_an_error_with_its_reason_in_the_phase_that_failed() {
        web.begun("r-1", "qemu-11").after(300).prepared().after(400);
        web.rolledBack(measured(120), "NEW_REFUSED_STATE");
        assertThat(only()).isEqualTo("""
                upgrade 0..700 ERROR NEW_REFUSED_STATE
                  prepare 0..300
                  switch 300..700 ERROR NEW_REFUSED_STATE
                    pause 580..700
                """);
        assertThat(told(0))
                .containsEntry("neurath.outcome", "as_it_was")
                .containsEntry("neurath.reason", "NEW_REFUSED_STATE")
                .containsEntry("neurath.sentence", "It said no.")
                .doesNotContainKey("neurath.to.version");
    }

    @Test
    void a_refusal_is_no_error() {
        web.begun("r-1", "qemu-11").after(40).refused();
        assertThat(only()).isEqualTo("""
                upgrade 0..40
                  prepare 0..40
                """);
        assertThat(told(0))
                .containsEntry("neurath.outcome", "refused")
                .containsEntry("neurath.reason", "JOB_ACTIVE")
                .doesNotContainKey("neurath.pause.seconds");
    }

    @Test
    void a_loss_is_an_error_and_a_pause_that_nobody_measured_is_not_drawn() {
        web.begun("r-1", "qemu-11")
                .after(10)
                .prepared()
                .after(10)
                .contactLost()
                .after(980)
                .lost();
        assertThat(only()).isEqualTo("""
                upgrade 0..1000 ERROR LOST
                  prepare 0..10
                  switch 10..20
                  uncertain 20..1000 ERROR LOST
                """);
        web.happens(new VmEvent.Released(new dev.neurath.model.Actor("me")));
        assertThat(ended).hasSize(1);
    }

    @Test
    void of_an_agent_that_crashed_in_the_pause_only_the_lower_bound_is_told() {
        web.begun("r-1", "qemu-11").after(10).prepared().after(90);
        web.rolledBack(new Pause.Unknown(Duration.ofMillis(250)), "AGENT_CRASHED");
        assertThat(only()).doesNotContain("pause");
        assertThat(told(0))
                .containsEntry("neurath.pause.at_least_seconds", 0.25)
                .doesNotContainKey("neurath.pause.seconds");
    }

    @Test
    void a_pause_that_is_told_after_contact_was_lost_lies_in_the_phase_before_from_the_order_on() {
        web.begun("r-1", "qemu-11")
                .after(10)
                .prepared()
                .after(5000)
                .contactLost()
                .after(60_000);
        web.handedOver(measured(7), "qemu-11", "11.1.3").after(100).verified();
        assertThat(only()).isEqualTo("""
                upgrade 0..65110 OK
                  prepare 0..10
                  switch 10..5010
                    pause 10..17
                  uncertain 5010..65010
                  verify 65010..65110
                """);
    }

    @Test
    void a_pause_is_as_long_as_it_was_measured_whatever_the_clocks_of_the_nodes_say() {
        web.begun("r-1", "qemu-11").after(10).prepared().after(4);
        web.handedOver(measured(9), "qemu-11", "11.1.3").after(1).verified();
        assertThat(only()).contains("    pause 10..19\n");
    }

    @Test
    void a_rehearsal_that_was_not_passed_stopped_the_guest_while_it_was_prepared() {
        web.begun("r-1", "qemu-11", Rehearsal.DECIDES).after(500);
        web.rolledBack(measured(30), "REHEARSAL_REFUSED");
        assertThat(only()).isEqualTo("""
                upgrade 0..500 ERROR REHEARSAL_REFUSED
                  prepare 0..500 ERROR REHEARSAL_REFUSED
                    pause 470..500
                """);
        assertThat(told(0)).containsEntry("neurath.rehearsal", "decides");
    }

    @Test
    void a_silent_guest_is_an_error_although_it_was_handed_over() {
        web.begun("r-1", "qemu-11").prepared().handedOver(measured(6), "qemu-11", "11.1.3");
        web.after(30_000).silent();
        assertThat(only()).startsWith("upgrade 0..30000 ERROR GUEST_SILENT\n").endsWith("""
                  verify 0..30000 ERROR GUEST_SILENT
                """);
        assertThat(told(0)).containsEntry("neurath.outcome", "quarantined");
    }

    @Test
    void each_hop_is_a_trace_that_links_to_the_one_before() {
        web.begun("r-1", "qemu-11").prepared().handedOver(measured(6), "qemu-11", "11.0");
        web.verified().after(100);
        web.begun("r-1", "qemu-12").prepared().handedOver(measured(8), "qemu-12", "12.0");
        web.verified().after(100);
        web.begun("r-2", "qemu-11").refused();

        assertThat(ended).hasSize(3);
        assertThat(ended)
                .extracting(attempt -> attempt.key().span("upgrade").getTraceId())
                .doesNotHaveDuplicates();
        assertThat(root(0).getLinks()).isEmpty();
        assertThat(root(1).getLinks()).extracting(LinkData::getSpanContext).containsExactly(root(0).getSpanContext());
        assertThat(told(1))
                .containsEntry("neurath.from.release", "qemu-11")
                .containsEntry("neurath.to.release", "qemu-12");
        // Another rollout's attempt is another matter.
        assertThat(root(2).getLinks()).isEmpty();
    }

    @Test
    void whoever_reads_the_events_again_makes_the_same_trace() {
        web.begun("r-1", "qemu-11").after(300).prepared().after(50);
        web.handedOver(measured(6), "qemu-11", "11.1.3").after(2000).verified();
        var again = new ArrayList<EndedAttempt>();
        web.retell(0, new OpenAttempts(Story.FLEET, again::add));
        assertThat(UpgradeTrace.of(again.getFirst())).isEqualTo(UpgradeTrace.of(ended.getFirst()));
    }

    @Test
    void events_that_come_twice_make_one_trace() {
        var once = new ArrayList<EndedAttempt>();
        var listener = new OpenAttempts(Story.FLEET, once::add);
        var twice = new Story("web", (before, event, after) -> {
            listener.changed(before, event, after);
            listener.changed(before, event, after);
        });
        for (Story story : List.of(web, twice)) {
            story.begun("r-1", "qemu-11")
                    .after(300)
                    .prepared()
                    .after(50)
                    .contactLost()
                    .after(5);
            story.handedOver(measured(6), "qemu-11", "11.1.3").after(2000).verified();
        }
        assertThat(once).isEqualTo(ended);
    }

    @Test
    void whoever_begins_in_the_middle_of_an_attempt_makes_no_half_of_it() {
        web.begun("r-1", "qemu-11").after(300);
        int middle = web.length();
        web.prepared().handedOver(measured(6), "qemu-11", "11.0").verified();
        web.after(10).begun("r-1", "qemu-12").after(10).refused();
        var later = new ArrayList<EndedAttempt>();
        web.retell(middle, new OpenAttempts(Story.FLEET, later::add));
        assertThat(later).isEqualTo(ended.subList(1, 2));
    }

    @Test
    void what_happens_outside_of_attempts_and_does_not_end_them_makes_no_trace() {
        web.happens(new VmEvent.HoldPlaced("month's end", new dev.neurath.model.Actor("me")));
        web.begun("r-1", "qemu-11").after(5);
        web.happens(new VmEvent.HoldLifted(new dev.neurath.model.Actor("me")));
        assertThat(ended).isEmpty();
        web.after(5).refused().after(5).ended();
        assertThat(only()).startsWith("upgrade 0..10\n");
    }

    @Test
    void ids_are_of_one_attempt_of_one_life_of_a_vm_of_one_fleet() {
        var all = new ArrayList<EndedAttempt>();
        for (String fleet : List.of("eu-1", "us-1")) {
            for (String vm : List.of("web", "db")) {
                for (Instant started : List.of(Story.NOON, Story.NOON.plusSeconds(1))) {
                    new Story(vm, started, new OpenAttempts(new FleetId(fleet), all::add))
                            .begun("r-1", "qemu-11")
                            .refused()
                            .begun("r-1", "qemu-11")
                            .refused();
                }
            }
        }
        assertThat(all).hasSize(16);
        List<SpanData> spans = all.stream()
                .flatMap(attempt -> UpgradeTrace.of(attempt).stream())
                .toList();
        assertThat(spans)
                .allMatch(span ->
                        span.getSpanContext().isValid() && span.getSpanContext().isSampled());
        assertThat(spans.stream().map(SpanData::getTraceId).distinct()).hasSize(16);
        assertThat(spans).extracting(SpanData::getSpanId).doesNotHaveDuplicates();
    }

    /** Every event that can lead out of an attempt, by the table. */
    @Test
    void every_end_of_an_attempt_has_its_word() {
        Map<Class<?>, Consumer<Story>> ends = Map.of(
                VmEvent.UpgradeRefused.class, s -> s.begun("r-1", "q").refused(),
                VmEvent.RolledBack.class, s -> s.begun("r-1", "q").rolledBack(new Pause.None(), "X"),
                VmEvent.AttemptClosed.class, s -> s.begun("r-1", "q").closed(),
                VmEvent.Lost.class, s -> s.begun("r-1", "q").lost(),
                VmEvent.Ended.class, s -> s.begun("r-1", "q").ended(),
                VmEvent.DoubleRunFound.class,
                        s -> s.begun("r-1", "q").prepared().doubleRun(),
                VmEvent.HostDeclaredDead.class,
                        s -> s.begun("r-1", "q").contactLost().hostDead(),
                VmEvent.Verified.class,
                        s -> s.begun("r-1", "q")
                                .prepared()
                                .handedOver(measured(1), "q", "1")
                                .verified(),
                VmEvent.GuestSilent.class,
                        s -> s.begun("r-1", "q")
                                .prepared()
                                .handedOver(measured(1), "q", "1")
                                .silent());
        Set<Class<?>> inTheTable = VmRules.TABLE.rows().stream()
                .filter(row -> IN_FLIGHT.contains(row.from()) && !IN_FLIGHT.contains(row.to()))
                .map(row -> row.on())
                .collect(Collectors.toCollection(HashSet::new));
        assertThat(ends.keySet()).isEqualTo(inTheTable);
        ends.forEach((event, end) -> {
            ended.clear();
            end.accept(new Story("x", open));
            assertThat(ended).as("%s", event).hasSize(1);
            assertThat(told(0)).as("%s", event).containsKey("neurath.outcome");
        });
    }

    /** A line for each span, below its parent. */
    private static String drawn(List<SpanData> spans) {
        var out = new StringBuilder();
        spans.stream().filter(span -> !span.getParentSpanContext().isValid()).forEach(root -> {
            assertThat(root.getEvents()).isEmpty();
            draw(root, spans, "", out);
        });
        assertThat(out.toString().lines()).as("each once").hasSize(spans.size());
        return out.toString();
    }

    private static void draw(SpanData span, List<SpanData> all, String indent, StringBuilder out) {
        out.append(indent)
                .append(span.getName())
                .append(' ')
                .append(millis(span.getStartEpochNanos()))
                .append("..")
                .append(millis(span.getEndEpochNanos()));
        if (span.getStatus().getStatusCode() != StatusCode.UNSET) {
            out.append(' ').append(span.getStatus().getStatusCode());
        }
        if (!span.getStatus().getDescription().isEmpty()) {
            out.append(' ').append(span.getStatus().getDescription());
        }
        out.append('\n');
        all.stream()
                .filter(child -> child.getParentSpanContext().equals(span.getSpanContext()))
                .forEach(child -> draw(child, all, indent + "  ", out));
    }

    private static long millis(long epochNanos) {
        return TimeUnit.NANOSECONDS.toMillis(epochNanos) - Story.NOON.toEpochMilli();
    }
}
