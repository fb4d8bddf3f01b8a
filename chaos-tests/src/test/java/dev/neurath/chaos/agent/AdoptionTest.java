package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.proof.Shape;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.Inspection;
import dev.neurath.proto.v1.Proof;
import dev.neurath.proto.v1.Proved;
import dev.neurath.proto.v1.Release;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** VMs that somebody started by hand are taken over and handed over; what their owners know keeps its name. */
@Tag("qemu")
class AdoptionTest extends StrangersHost {
    @Test
    void a_vm_started_by_hand_is_handed_over_and_its_owner_finds_everything_where_it_was() throws Exception {
        try (Stranger stranger = Stranger.start(
                place.resolve("web-1"),
                from,
                Stranger.all(Stranger.namedMemory(), Stranger.qmp(), List.of("-daemonize")))) {
            stranger.awaitBeats(5);
            VmState adopted = adopt(stranger);
            assertThat(adopted.revision().release().value()).isEqualTo(from.getId());
            assertThat(adopted.process().pid()).isEqualTo((int) stranger.pid);

            VmState after = upgrade(adopted.id(), 1, Method.SHARED_RAM, to, from);
            assertThat(after.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            assertThat(after.process().pid()).isNotEqualTo((int) stranger.pid);
            stranger.awaitBeats(5);
            assertThat(stranger.ask("vm.qmp", "{\"execute\":\"query-version\"}").toString())
                    .contains("\"major\":11");
            assertThat(Files.readString(stranger.directory.resolve("vm.pid")).strip())
                    .isEqualTo(Integer.toString(after.process().pid()));
        }
    }

    @Test
    void everything_that_an_owner_knows_by_name_stays_there_on_the_way_there_and_back() throws Exception {
        String tap = Tap.create();
        var network = tap.isEmpty()
                ? List.<String>of()
                : List.of(
                        "-netdev",
                        "tap,id=n,ifname=" + tap + ",script=no,downscript=no",
                        "-device",
                        "virtio-net-pci,netdev=n");
        try (Stranger stranger = Stranger.start(
                place.resolve("web-2"),
                from,
                Stranger.all(
                        Stranger.namedMemory(),
                        Stranger.qmp(),
                        network,
                        List.of("-device", "pcie-root-port,id=port1,chassis=1", "-device", "virtio-rng-pci,bus=port1"),
                        List.of("-cpu", "max", "-drive", "file=disk.img,format=raw,if=virtio"),
                        List.of("-chardev", "socket,id=second,path=second.qmp,server=on,wait=off"),
                        List.of(
                                "-mon",
                                "chardev=second,mode=control",
                                "-vnc",
                                "unix:vnc",
                                "-serial",
                                "file:serial")))) {
            stranger.awaitBeats(5);
            long before = stranger.beats();
            VmState adopted = adopt(stranger);
            restartAgent();
            VmState there = upgrade(adopted.id(), 1, Method.SHARED_RAM, to, from);
            assertThat(there.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            stranger.assertAllAnswer("\"major\":11", there.process().pid());
            restartAgent();
            VmState back = upgrade(adopted.id(), 2, Method.SHARED_RAM, from, to);
            assertThat(back.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            stranger.assertAllAnswer("\"major\":10", back.process().pid());
            stranger.awaitBeats(5);
            assertThat(stranger.beats()).as("nothing of the output is lost").isGreaterThan(before);
            assertThat(stranger.left()).as("no other name is left").isEmpty();
            if (!tap.isEmpty()) {
                assertThat(Tap.heldBy(back.process().pid())).containsExactly(tap);
            }
        } finally {
            Tap.delete(tap);
        }
    }

    @Test
    void memory_without_a_name_travels_by_cpr_transfer_alone() throws Exception {
        var memory = List.of(
                "-object", "memory-backend-memfd,id=ram,size=32M,share=on",
                "-machine", "pc-q35-10.0,memory-backend=ram,aux-ram-share=on");
        try (Stranger stranger = Stranger.start(place.resolve("web-3"), from, Stranger.all(memory, Stranger.qmp()))) {
            stranger.awaitBeats(5);
            VmState adopted = adopt(stranger);
            VmState refused = upgrade(adopted.id(), 1, Method.SHARED_RAM, to, from);
            assertThat(refused.lastEnd())
                    .isInstanceOfSatisfying(
                            VmEvent.UpgradeRefused.class,
                            end -> assertThat(end.refusal().code()).isEqualTo("METHOD_NOT_POSSIBLE"));
            VmState there = upgrade(adopted.id(), 2, Method.CPR_TRANSFER, to, from);
            assertThat(there.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            stranger.awaitBeats(5);
        }
    }

    @Test
    void a_new_qemu_that_refuses_the_state_leaves_every_name_to_the_old_one() throws Exception {
        more = List.of("-machine", "hpet=off");
        try (Stranger stranger = Stranger.start(
                place.resolve("web-4"),
                from,
                Stranger.all(Stranger.namedMemory(), Stranger.qmp(), List.of("-vnc", "unix:vnc")))) {
            stranger.awaitBeats(5);
            VmState adopted = adopt(stranger);
            VmState after = upgrade(adopted.id(), 1, Method.SHARED_RAM, to, from);
            assertThat(after.lastEnd())
                    .as("%s", coordinator.journal())
                    .isInstanceOfSatisfying(
                            VmEvent.RolledBack.class,
                            end -> assertThat(end.sentence())
                                    .as("in QEMU's own words")
                                    .doesNotContain("gave no reason"));
            stranger.awaitBeats(5);
            stranger.assertAllAnswer("\"major\":10", (int) stranger.pid);
            assertThat(stranger.left()).isEmpty();
        }
    }

    @Test
    void what_cannot_be_handed_over_is_refused_by_its_code_and_never_stops() throws Exception {
        Path directory = place.resolve("many");
        var strangers = new ArrayList<Stranger>();
        try (AutoCloseable ends = () -> end(strangers)) {
            assertThat(ends).isNotNull();
            for (Unfit unfit : Unfit.values()) {
                Stranger stranger = Stranger.start(directory.resolve(unfit.name()), from, unfit.arguments());
                strangers.add(stranger);
                unfit.change(stranger);
                stranger.watch();
            }
            for (Stranger stranger : strangers) {
                Unfit unfit = Unfit.valueOf(stranger.directory.getFileName().toString());
                Inspection.Candidate found = inspect(stranger.qmpSocket(), false);
                assertThat(found.getRefusal().getCode())
                        .as("%s: %s", unfit, found)
                        .isEqualTo(unfit.code);
                assertThat(found.getRefusal().getWayOut()).isNotEmpty();
            }
            for (Stranger stranger : strangers) {
                assertThat(stranger.stops()).as("%s", stranger.directory).isEmpty();
            }
        }
    }

    /** By its own command line, of which its description holds a part only: an I/O thread, a second controller, no word of defaults. */
    @Test
    void what_somebody_started_is_tried_without_its_guest() throws Exception {
        var devices = List.of(
                "-object", "iothread,id=io",
                "-drive", "file=disk.img,format=raw,if=none,id=d",
                "-device", "virtio-blk-pci,drive=d,iothread=io",
                "-qmp", "unix:watch.qmp,server=on,wait=off",
                "-vnc", "unix:vnc");
        for (Release born : List.of(from, tooNew)) {
            boolean taken = born.equals(from);
            try (Stranger stranger = Stranger.start(
                    place.resolve("tried-" + born.getId()),
                    born,
                    Stranger.all(Stranger.namedMemory(), Stranger.qmp(), devices))) {
                stranger.watch();
                stranger.awaitBeats(5);
                VmState adopted = adopt(stranger);
                Proved proved = coordinator.prove(
                        adopted.id(), List.of(new ReleaseId(born.getId()), new ReleaseId(to.getId())), LIMIT);
                assertThat(proved.getProof().getFindingsList()).as("%s", proved).anySatisfy(finding -> {
                    assertThat(finding.getProbe()).isEqualTo(Proof.Probe.PROBE_CLONE);
                    assertThat(finding.getVerdict())
                            .isEqualTo(taken ? Proof.Verdict.VERDICT_WILL : Proof.Verdict.VERDICT_WONT);
                    assertThat(finding.getEvidence()).contains(taken ? "" : "exceeds allocated max");
                });
                assertThat(stranger.stops()).isEmpty();
                stranger.awaitBeats(5);
                assertThat(stranger.left()).isEmpty();
            }
        }
    }

    /** Its memory has no name, so it comes back as it went, or not at all. */
    @Test
    void a_way_back_is_tried_by_the_only_method_that_there_is() throws Exception {
        var memory = List.of(
                "-object", "memory-backend-memfd,id=ram,size=32M,share=on",
                "-machine", "pc-q35-10.0,memory-backend=ram,aux-ram-share=on");
        try (Stranger stranger =
                Stranger.start(place.resolve("nameless"), from, Stranger.all(memory, Stranger.qmp()))) {
            stranger.awaitBeats(5);
            VmState adopted = adopt(stranger);
            Proved proved = coordinator.prove(
                    adopted.id(), List.of(new ReleaseId(from.getId()), new ReleaseId(to.getId())), LIMIT);
            assertThat(proved.getProof().getFindingsList())
                    .as("%s", proved)
                    .anySatisfy(finding -> {
                        assertThat(finding.getCode()).isEqualTo("METHOD_NOT_POSSIBLE");
                        assertThat(finding.getEvidence()).contains("memfd");
                    })
                    .anySatisfy(finding -> {
                        assertThat(finding.getProbe()).isEqualTo(Proof.Probe.PROBE_CLONE_BACK);
                        assertThat(finding.getVerdict()).isEqualTo(Proof.Verdict.VERDICT_WONT);
                    });
        }
    }

    /** One proof serves all VMs of a shape, so what one of them has and the other has not must be in it. */
    @Test
    void two_vms_have_one_shape_only_if_their_command_lines_build_one_machine() throws Exception {
        List<String> nameless = List.of(
                "-object", "memory-backend-memfd,id=ram,size=32M,share=on",
                "-machine", "pc-q35-10.0,memory-backend=ram,aux-ram-share=on");
        List<String> secret =
                List.of("-object", "secret,id=s,data=hidden", "-smbios", "type=11,value=told:hidden,,hidden");
        try (Stranger one = Stranger.start(
                        place.resolve("one"), from, Stranger.all(Stranger.namedMemory(), Stranger.qmp(), secret));
                Stranger alike = Stranger.start(
                        place.resolve("alike"), from, Stranger.all(Stranger.namedMemory(), Stranger.qmp(), secret));
                Stranger other = Stranger.start(place.resolve("other"), from, Stranger.all(nameless, Stranger.qmp()))) {
            assertThat(shape(alike)).isEqualTo(shape(one));
            assertThat(shape(other)).isNotEqualTo(shape(one));
            assertThat(inspect(one.qmpSocket(), false).getSpec().toString()).doesNotContain("hidden");
        }
    }

    private String shape(Stranger stranger) throws InterruptedException {
        Inspection.Candidate found = inspect(stranger.qmpSocket(), false);
        assertThat(found.hasRefusal()).as("%s", found.getRefusal()).isFalse();
        return Shape.of(spec(found));
    }

    @Test
    void a_directory_gives_each_process_once_and_a_busy_monitor_its_neighbour() throws Exception {
        Path directory = place.resolve("dir");
        try (Stranger stranger = Stranger.start(
                directory,
                from,
                Stranger.all(
                        Stranger.namedMemory(),
                        Stranger.qmp(),
                        List.of("-qmp", "unix:other.qmp,server=on,wait=off", "-vnc", "unix:vnc")))) {
            Inspection.Candidate found = inspect(directory, false);
            assertThat(found.getSocketsList()).hasSize(2).allMatch(path -> path.endsWith(".qmp"));
            assertThat(found.hasRefusal()).as("%s", found).isFalse();
            try (AutoCloseable busy = stranger.holds("vm.qmp")) {
                assertThat(busy).isNotNull();
                assertThat(inspect(stranger.qmpSocket(), false).getRefusal().getCode())
                        .isEqualTo("MONITOR_BUSY");
                Inspection.Candidate other = inspect(directory, false);
                assertThat(other.hasRefusal()).as("%s", other).isFalse();
                assertThat(other.getProcess().getQmp()).endsWith("other.qmp");
            }
            VmState adopted = adopt(stranger);
            try (AutoCloseable busy = stranger.holds("vm.qmp")) {
                assertThat(busy).isNotNull();
                VmState refused = upgrade(adopted.id(), 1, Method.SHARED_RAM, to, from);
                assertThat(refused.lastEnd())
                        .isInstanceOfSatisfying(
                                VmEvent.UpgradeRefused.class,
                                end -> assertThat(end.refusal().code()).isEqualTo("MONITOR_BUSY"));
            }
            assertThat(inspect(directory, false).getRefusal().getCode()).isEqualTo("VM_RUNS_HERE");
        }
    }

    @Test
    void a_name_that_somebody_else_has_taken_is_not_taken_from_them() throws Exception {
        try (Stranger stranger = Stranger.start(
                place.resolve("web-5"),
                from,
                Stranger.all(Stranger.namedMemory(), Stranger.qmp(), List.of("-vnc", "unix:vnc")))) {
            VmState adopted = adopt(stranger);
            Path vnc = stranger.directory.resolve("vnc");
            Path own = Files.move(vnc, stranger.directory.resolve("vnc.own"));
            try (Stranger other = Stranger.start(
                    place.resolve("other"), from, Stranger.all(Stranger.qmp(), List.of("-vnc", "unix:" + vnc)))) {
                assertThat(refusal(upgrade(adopted.id(), 1, Method.SHARED_RAM, to, from)))
                        .as("%s", other.directory)
                        .isEqualTo("IDENTITY_UNSURE");
            }
            Files.move(own, vnc, StandardCopyOption.REPLACE_EXISTING);
            Path pidfile = stranger.directory.resolve("vm.pid");
            Files.writeString(pidfile, "1\n");
            assertThat(refusal(upgrade(adopted.id(), 2, Method.SHARED_RAM, to, from)))
                    .isEqualTo("IDENTITY_UNSURE");
            Files.writeString(pidfile, stranger.pid + "\n");
            assertThat(upgrade(adopted.id(), 3, Method.SHARED_RAM, to, from).lastEnd())
                    .isInstanceOf(VmEvent.Verified.class);
        }
    }

    private static String refusal(VmState vm) {
        return vm.lastEnd() instanceof VmEvent.UpgradeRefused refused
                ? refused.refusal().code()
                : String.valueOf(vm.lastEnd());
    }

    @Test
    void a_supervisor_is_found_and_its_owner_may_agree() throws Exception {
        try (Stranger stranger = Stranger.supervised(
                place.resolve("kept"), from, Stranger.all(Stranger.namedMemory(), Stranger.qmp()))) {
            assertThat(inspect(stranger.qmpSocket(), false).getRefusal().getCode())
                    .isEqualTo("SUPERVISED");
            assertThat(inspect(stranger.qmpSocket(), true).hasRefusal()).isFalse();
        }
    }

    private static void end(List<Stranger> strangers) throws IOException {
        for (Stranger stranger : strangers) {
            stranger.close();
        }
    }
}
