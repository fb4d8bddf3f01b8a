package dev.neurath.testbed.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.Footprint;
import dev.neurath.proto.v1.Method;
import dev.neurath.proto.v1.Pause;
import dev.neurath.proto.v1.QemuProcess;
import dev.neurath.proto.v1.Revision;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmEvent;
import dev.neurath.proto.v1.VmProgress;
import dev.neurath.proto.v1.VmSpec;
import dev.neurath.testbed.demo.GuestReport.Beats;
import dev.neurath.testbed.demo.Guests.Guest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DemoReportTest {
    private static final Beats SOUND = new Beats(5.5, 1000, 900, 0, List.of());

    private static Vm vm(String id, int pid, String version) {
        return Vm.newBuilder()
                .setId(id)
                .setProcess(QemuProcess.newBuilder().setPid(pid).setQmp("/run/" + id))
                .setRevision(Revision.newBuilder().setVersion(version).setBinarySha256("ab"))
                .build();
    }

    private static GuestReport guest(
            String id, boolean deliberate, VmProgress progress, int newPid, double pauseMillis, Beats beats) {
        Pause.Builder pause = Pause.newBuilder();
        if (pauseMillis > 0) {
            pause.setMeasured(Duration.newBuilder().setNanos((int) (pauseMillis * 1e6)));
        } else {
            pause.setNone(true);
        }
        Rollout.VmLine line = Rollout.VmLine.newBuilder()
                .setVm(id)
                .setProgress(progress)
                .setMethod(Method.METHOD_CPR_TRANSFER)
                .setPause(pause)
                .build();
        VmEvent.Builder fact = VmEvent.newBuilder();
        if (progress == VmProgress.VM_PROGRESS_UPGRADED) {
            fact.setHandedOver(VmEvent.HandedOver.newBuilder()
                    .setFootprint(Footprint.newBuilder()
                            .setExtraMemoryBytes(40_000_000)
                            .setExtraCpuMillis(-1)));
        } else {
            fact.setRolledBack(VmEvent.RolledBack.newBuilder().setReachedSwitching(true));
        }
        Event event = Event.newBuilder().setData(Any.pack(fact.build())).build();
        Guest guest = new Guest(id, "host-1", deliberate, true, VmSpec.getDefaultInstance(), Path.of("/cache/" + id));
        return GuestReport.of(guest, line, vm(id, 10, "1"), vm(id, newPid, "2"), List.of(event), beats);
    }

    private static DemoReport report(GuestReport... guests) {
        return new DemoReport(
                "COMPLETE",
                "tcg",
                "10.0.2",
                "11.1.3",
                List.of(guests),
                java.time.Duration.ofMillis(1234),
                "",
                "",
                "/cache");
    }

    private final DemoReport usual = report(
            guest("a", false, VmProgress.VM_PROGRESS_UPGRADED, 11, 4.25, SOUND),
            guest("b", false, VmProgress.VM_PROGRESS_UPGRADED, 12, 3, SOUND),
            guest("c", true, VmProgress.VM_PROGRESS_AS_IT_WAS, 10, 0, SOUND));

    @Test
    void numbers_are_numbers_and_what_was_not_measured_is_null() {
        JsonNode json = usual.json();
        JsonNode first = json.path("vms").path(0);
        assertThat(first.path("pauseMillis").doubleValue()).isEqualTo(4.25);
        assertThat(first.path("extraMemoryBytes").longValue()).isEqualTo(40_000_000);
        assertThat(first.path("extraCpuMillis").isNull()).isTrue();
        assertThat(first.path("deliberateFailure").isBoolean()).isTrue();
        assertThat(json.path("vms").path(2).path("pauseMillis").isNull()).isTrue();
        assertThat(json.path("totals").path("pauseMillisP50").doubleValue()).isEqualTo(3);
        assertThat(json.path("totals").path("pauseMillisMax").doubleValue()).isEqualTo(4.25);
        assertThat(json.path("totals").path("upgraded").intValue()).isEqualTo(2);
        assertThat(json.path("totals").path("asItWas").intValue()).isEqualTo(1);
        assertThat(json.path("totals").path("durationMillis").intValue()).isEqualTo(1234);
    }

    @Test
    void a_guest_has_every_field_that_scripts_read() {
        assertThat(usual.json().path("vms").path(0).fieldNames())
                .toIterable()
                .contains(
                        "id",
                        "host",
                        "method",
                        "outcome",
                        "deliberateFailure",
                        "pauseMillis",
                        "gapMillis",
                        "beatsBefore",
                        "beatsAfter",
                        "memoryErrors",
                        "extraMemoryBytes",
                        "extraCpuMillis",
                        "qmp",
                        "oldPid",
                        "newPid",
                        "binarySha256",
                        "beatLog");
    }

    @Test
    void it_went_as_announced_when_all_but_the_marked_one_are_upgraded() {
        assertThat(usual.asAnnounced()).isTrue();
    }

    @Test
    void it_did_not_go_as_announced_when_anything_else_happened() {
        GuestReport fails = guest("c", true, VmProgress.VM_PROGRESS_AS_IT_WAS, 10, 0, SOUND);
        assertThat(report(guest("a", false, VmProgress.VM_PROGRESS_AS_IT_WAS, 10, 0, SOUND), fails)
                        .asAnnounced())
                .isFalse();
        assertThat(report(guest("c", true, VmProgress.VM_PROGRESS_UPGRADED, 11, 3, SOUND))
                        .asAnnounced())
                .isFalse();
        assertThat(report(guest("c", true, VmProgress.VM_PROGRESS_AS_IT_WAS, 11, 3, SOUND))
                        .asAnnounced())
                .isFalse();
        Beats silent = new Beats(5000, 1000, 0, 0, List.of());
        Beats damaged = new Beats(5, 1000, 900, 1, List.of());
        Beats jumped = new Beats(5, 1000, 900, 0, List.of("beat 7 follows 5"));
        for (Beats beats : List.of(silent, damaged, jumped)) {
            assertThat(report(guest("a", false, VmProgress.VM_PROGRESS_UPGRADED, 11, 3, beats), fails)
                            .asAnnounced())
                    .isFalse();
        }
    }

    @Test
    void the_table_names_what_did_not_go_as_announced() {
        GuestReport lost = guest("a", false, VmProgress.VM_PROGRESS_LOST, 10, 0, SOUND);
        assertThat(report(lost).lines())
                .last()
                .satisfies(line -> assertThat(line.render(500, false)).contains("a did not end as announced: LOST"));
    }
}
