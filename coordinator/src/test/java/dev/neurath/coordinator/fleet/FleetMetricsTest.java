package dev.neurath.coordinator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.codec.VmCodec;
import dev.neurath.coordinator.api.ReasonCodes;
import dev.neurath.coordinator.metrics.NodeMetrics;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.model.Actor;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class FleetMetricsTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final Subject WEB = new Subject(Subject.VM, "web");
    private static final QemuProcess PROCESS = new QemuProcess("boot", 41, 7, "/qmp");

    private final NodeMetrics metrics = new NodeMetrics(
            InstantSource.fixed(NOON), "1.2.3", ReasonCodes.load().known());
    private final FleetFold fold = new FleetFold(new FleetId("test"), metrics.vmChanges());
    private long sequence;
    private Instant now = NOON;

    @Test
    void attempts_are_counted_by_their_end_with_the_pause_that_the_agent_measured() {
        start();
        attempt(2);
        happens(
                Duration.ofSeconds(2),
                new VmEvent.RolledBack(
                        new Generation(2), measured(3), "NEW_REFUSED_STATE", "It said no.", true, stamp()));
        attempt(3);
        happens(
                Duration.ofSeconds(4),
                new VmEvent.HandedOver(
                        new Generation(3), measured(6), revision("new"), PROCESS, Outcome.Footprint.UNKNOWN, stamp()));

        assertThat(lines())
                .contains(
                        "neurath_vm_upgrades_total{method=\"cpr_transfer\",reason=\"NEW_REFUSED_STATE\",result=\"as_it_was\"} 1.0",
                        "neurath_vm_upgrades_total{method=\"cpr_transfer\",reason=\"\",result=\"upgraded\"} 1.0",
                        "neurath_vm_pause_seconds_count{method=\"cpr_transfer\"} 2",
                        "neurath_vm_pause_seconds_bucket{method=\"cpr_transfer\",le=\"0.005\"} 1",
                        "neurath_vm_pause_seconds_bucket{method=\"cpr_transfer\",le=\"0.01\"} 2",
                        "neurath_vm_phase_duration_seconds_sum{phase=\"switching\"} 6.0");
    }

    @Test
    void a_reason_that_nobody_can_explain_is_no_label() {
        start();
        attempt(2);
        happens(
                Duration.ZERO,
                new VmEvent.RolledBack(new Generation(2), measured(3), "E_4711", "It said no.", true, stamp()));
        assertThat(lines())
                .contains(
                        "neurath_vm_upgrades_total{method=\"cpr_transfer\",reason=\"OTHER\",result=\"as_it_was\"} 1.0");
    }

    @Test
    void a_guest_that_ends_outside_of_an_attempt_is_no_upgrade() {
        start();
        happens(Duration.ZERO, new VmEvent.Ended("SHUTDOWN", "Its owner.", stamp()));
        assertThat(lines()).noneMatch(line -> line.startsWith("neurath_vm_upgrades_total"));
    }

    @Test
    void without_a_view_every_phase_is_there_and_empty_and_every_sample_stands_under_its_type() {
        List<String> lines = lines();
        assertThat(lines)
                .contains(
                        "neurath_vms{phase=\"uncertain\"} 0.0",
                        "neurath_hosts{phase=\"unreachable\"} 0.0",
                        "neurath_uncertain_vms 0.0",
                        "neurath_build_info{version=\"1.2.3\"} 1");
        String family = "";
        for (String line : lines) {
            if (line.startsWith("# TYPE ")) {
                family = line.split(" ", 4)[2];
            } else if (!line.startsWith("#")) {
                assertThat(line).startsWith(family);
            }
        }
    }

    private void start() {
        happens(
                Duration.ZERO,
                new VmEvent.StartOrdered(
                        VmCodec.decode(TestFleet.spec("web")), new HostId("h1"), new Generation(1), new Actor("me")));
        happens(Duration.ZERO, new VmEvent.Started(revision("old"), PROCESS, stamp()));
    }

    private void attempt(long generation) {
        var attempt = new Attempt(
                new Generation(generation),
                new RolloutId("r-1"),
                0,
                new ReleaseId("new"),
                Method.CPR_TRANSFER,
                "10",
                Duration.ofSeconds(1));
        happens(Duration.ZERO, new VmEvent.UpgradeBegun(attempt, (int) generation));
        happens(Duration.ZERO, new VmEvent.Prepared(new Generation(generation), stamp()));
        happens(Duration.ZERO, new VmEvent.SwitchAuthorized(new Generation(generation)));
    }

    private void happens(Duration later, VmEvent event) {
        now = now.plus(later);
        sequence++;
        fold.apply(WEB, sequence, now, event);
    }

    private FactStamp stamp() {
        return new FactStamp(1, sequence + 1);
    }

    private static Pause measured(long millis) {
        return new Pause.Measured(Duration.ofMillis(millis));
    }

    private static Revision revision(String release) {
        return new Revision(new ReleaseId(release), "10", "00");
    }

    private List<String> lines() {
        return new String(metrics.text(), StandardCharsets.UTF_8).lines().toList();
    }
}
