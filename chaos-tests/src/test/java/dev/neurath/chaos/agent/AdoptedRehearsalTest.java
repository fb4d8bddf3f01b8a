package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The state of a guest that somebody else started decides, where a machine like it is refused: its ring sizes are those of the QEMU that it was born on.
 */
@Tag("qemu")
class AdoptedRehearsalTest extends StrangersHost {
    private static final List<String> DISK = List.of("-drive", "file=disk.img,format=raw,if=virtio");
    private static final List<String> LINES = List.of("-serial", "file:lines");
    private static final List<String> PORT =
            List.of("-device", "pcie-root-port,id=port1,chassis=1", "-device", "virtio-rng-pci,bus=port1");
    private static final List<String> WATCH = List.of("-qmp", "unix:watch.qmp,server=on,wait=off");

    @Test
    void a_guest_born_on_an_older_release_goes_on_by_its_own_state_and_keeps_its_tap() throws Exception {
        String tap = Tap.create();
        List<String> network = tap.isEmpty()
                ? List.of()
                : List.of(
                        "-netdev",
                        "tap,id=n,ifname=" + tap + ",script=no,downscript=no",
                        "-device",
                        "virtio-net-pci,netdev=n");
        try (Stranger stranger = Stranger.start(
                place.resolve("early"),
                from,
                Stranger.all(Stranger.namedMemory(), Stranger.qmp(), DISK, LINES, PORT, network))) {
            stranger.awaitBeats(5);
            VmState adopted = adopt(stranger);
            assertThat(upgrade(adopted.id(), 1, Method.SHARED_RAM, tooNew, from).lastEnd())
                    .as("%s", coordinator.journal())
                    .isInstanceOf(VmEvent.Verified.class);
            VmState there = upgrade(adopted.id(), 2, Method.SHARED_RAM, to, tooNew, Rehearsal.DECIDES);
            assertThat(there.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            assertThat(there.revision().version()).isEqualTo(to.getVersion());
            if (!tap.isEmpty()) {
                assertThat(Tap.heldBy(there.process().pid())).containsExactly(tap);
            }
            stranger.awaitBeats(5);
            assertThat(stranger.left()).isEmpty();
        } finally {
            Tap.delete(tap);
        }
    }

    @Test
    void a_guest_born_on_a_release_whose_state_is_not_taken_stays_and_stops_once() throws Exception {
        // The firmware gives a disk's rings a size of its own, and nobody those of a NIC without a boot ROM.
        var untouched = List.of("-netdev", "hubport,id=n,hubid=0", "-device", "virtio-net-pci,netdev=n,romfile=");
        try (Stranger stranger = Stranger.start(
                place.resolve("late"),
                tooNew,
                Stranger.all(
                        Stranger.namedMemory(),
                        Stranger.qmp(),
                        untouched,
                        LINES,
                        WATCH,
                        List.of("-vnc", "unix:vnc")))) {
            stranger.watch();
            stranger.awaitBeats(5);
            VmState adopted = adopt(stranger);
            VmState after = upgrade(adopted.id(), 1, Method.SHARED_RAM, to, tooNew, Rehearsal.DECIDES);
            assertThat(after.lastEnd()).isInstanceOfSatisfying(VmEvent.UpgradeRefused.class, end -> {
                assertThat(end.refusal().code()).isEqualTo("REHEARSAL_REFUSED");
                assertThat(end.refusal().sentence()).contains("exceeds allocated max");
            });
            assertThat(after.process().pid()).isEqualTo((int) stranger.pid);
            stranger.awaitBeats(5);
            Stranger.await("its going on is heard", () -> stranger.stops().size() > 1);
            assertThat(stranger.stops()).as("one STOP and one RESUME").hasSize(2);
            stranger.assertAllAnswer("\"major\":10", (int) stranger.pid);
            assertThat(stranger.left()).isEmpty();
        }
    }

    @Test
    void a_guest_is_not_stopped_for_a_method_that_is_none_for_it() throws Exception {
        try (Stranger stranger = Stranger.start(
                place.resolve("unshared"), from, Stranger.all(Stranger.namedMemory(), Stranger.qmp(), WATCH))) {
            stranger.watch();
            stranger.awaitBeats(5);
            VmState adopted = adopt(stranger);
            VmState after = upgrade(adopted.id(), 1, Method.CPR_TRANSFER, to, from, Rehearsal.DECIDES);
            assertThat(after.lastEnd())
                    .isInstanceOfSatisfying(
                            VmEvent.UpgradeRefused.class,
                            end -> assertThat(end.refusal().code()).isEqualTo("METHOD_NOT_POSSIBLE"));
            assertThat(stranger.stops()).isEmpty();
        }
    }

    /** All of it would come with the guest's state, which is kept in memory while the guest stands still. */
    @Test
    void memory_without_a_name_is_not_rehearsed_and_not_stopped() throws Exception {
        var memory = List.of(
                "-object", "memory-backend-memfd,id=ram,size=32M,share=on",
                "-machine", "pc-q35-10.0,memory-backend=ram,aux-ram-share=on");
        try (Stranger stranger =
                Stranger.start(place.resolve("nameless"), from, Stranger.all(memory, Stranger.qmp(), WATCH))) {
            stranger.watch();
            stranger.awaitBeats(5);
            VmState adopted = adopt(stranger);
            VmState after = upgrade(adopted.id(), 1, Method.CPR_TRANSFER, to, from, Rehearsal.DECIDES);
            assertThat(after.lastEnd()).isInstanceOfSatisfying(VmEvent.UpgradeRefused.class, end -> {
                assertThat(end.refusal().code()).isEqualTo("REHEARSAL_INCONCLUSIVE");
                assertThat(end.refusal().sentence()).contains("a file without a name");
            });
            assertThat(stranger.stops()).isEmpty();
        }
    }
}
