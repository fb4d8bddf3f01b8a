package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.adopt.CarriedFds;
import dev.neurath.agent.adopt.Derived.Carried;
import dev.neurath.agent.adopt.NotAdoptable;
import dev.neurath.agent.adopt.TapHeaders;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.guest.LinuxGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A tap queue that two QEMUs share for a while: its Linux guest has chosen longer frame headers than a QEMU begins with, and they stay what they are for the
 * one that runs.
 */
@Tag("qemu")
@Timeout(180)
class CarriedNetworkTest extends StrangersHost {
    private static final int CHOSEN_BY_LINUX = 12;

    @Test
    void a_second_qemu_that_is_built_and_refused_leaves_the_guests_network_as_it_was() throws Exception {
        String tap = Tap.create();
        Assumptions.assumeFalse(tap.isEmpty(), "this machine makes no tap devices");
        // The state is refused only after the second one has been built with the tap.
        more = List.of("-machine", "hpet=off");
        try (Stranger stranger = Stranger.start(place.resolve("linux"), from, linux(tap))) {
            Path serial = stranger.directory.resolve("serial");
            Stranger.await(
                    "the guest's network",
                    () -> Files.exists(serial) && Files.readString(serial).contains("READY"));
            assertThat(headers((int) stranger.pid, tap)).isEqualTo(new TapHeaders(List.of(CHOSEN_BY_LINUX)));
            VmState adopted = adopt(stranger);
            var built = new AtomicReference<TapHeaders>();
            before = step -> {
                if (step == Step.CHECK_GUEST) {
                    built.set(headers((int) stranger.pid, tap));
                }
            };
            VmState after = upgrade(adopted.id(), 1, Method.SHARED_RAM, to, from);
            assertThat(after.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.RolledBack.class);
            assertThat(after.process().pid()).isEqualTo((int) stranger.pid);
            assertThat(headers((int) stranger.pid, tap)).isEqualTo(new TapHeaders(List.of(CHOSEN_BY_LINUX)));

            assertThat(built.get()).as("beside it").isEqualTo(new TapHeaders(List.of(CHOSEN_BY_LINUX)));

            more = List.of();
            before = step -> {};
            VmState there = upgrade(adopted.id(), 2, Method.SHARED_RAM, to, from);
            assertThat(there.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            try (var fds =
                    new CarriedFds(ProcessIdentity.of(there.process().pid(), "").orElseThrow())) {
                assertThat(TapHeaders.of(fds.again(List.of(new Carried.Tap(tap)), 3)))
                        .isEqualTo(new TapHeaders(List.of(CHOSEN_BY_LINUX)));
            }
            String lines = Files.readString(serial);
            Stranger.await(
                    "more of the guest's lines", () -> Files.readString(serial).length() > lines.length() + 100);
            assertThat(Files.readString(serial)).doesNotContain("BAD");
        } finally {
            Tap.delete(tap);
        }
    }

    private static TapHeaders headers(int pid, String tap) {
        try (var fds = new CarriedFds(ProcessIdentity.of(pid, "").orElseThrow())) {
            return TapHeaders.of(fds.first(List.of(new Carried.Tap(tap))));
        } catch (IOException | NotAdoptable e) {
            throw new AssertionError(e);
        }
    }

    private List<String> linux(String tap) throws Exception {
        LinuxGuest guest = LinuxGuest.fetch(UserCache.ofUser(), System.out::println);
        Path disk = Files.createDirectories(place.resolve("linux")).resolve("disk.img");
        LinuxGuest.createDisk(disk);
        String memory = LinuxGuest.MEMORY_MIB + "M";
        return Stranger.all(
                List.of("-m", memory, "-cpu", "qemu64", "-machine", "pc-q35-10.0,memory-backend=ram"),
                List.of("-object", "memory-backend-file,id=ram,size=" + memory + ",share=on,mem-path=ram"),
                List.of(
                        "-kernel",
                        guest.kernel().toString(),
                        "-initrd",
                        guest.initrd().toString()),
                List.of("-append", "console=ttyS0 quiet loglevel=1 panic=-1 nokaslr mitigations=off"),
                List.of("-serial", "file:serial", "-drive", "file=disk.img,format=raw,if=virtio"),
                List.of("-netdev", "tap,id=n,ifname=" + tap + ",script=no,downscript=no"),
                List.of("-device", "virtio-net-pci,netdev=n"),
                Stranger.qmp());
    }
}
