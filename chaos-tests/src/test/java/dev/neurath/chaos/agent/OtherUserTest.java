package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.adopt.Surroundings;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** VMs whose QEMU runs as somebody else than the agent, with fewer rights, in other namespaces: what runs the guest next is the same to the kernel. */
@Tag("qemu")
@Timeout(180)
class OtherUserTest extends NobodysHost {
    private static final List<String> WATCH = List.of("-qmp", "unix:watch.qmp,server=on,wait=off");
    private static final List<String> VNC = List.of("-vnc", "unix:vnc");
    private static final List<String> DISK = List.of("-drive", "file=disk.img,format=raw,if=virtio");
    private static final List<String> NAMELESS = List.of(
            "-object", "memory-backend-memfd,id=ram,size=32M,share=on",
            "-machine", "pc-q35-10.0,memory-backend=ram,aux-ram-share=on");

    @Test
    void a_user_that_may_do_nothing_in_a_network_of_its_own_is_the_same_there_and_back() throws Exception {
        List<String> arguments = Stranger.all(Stranger.namedMemory(), Stranger.qmp(), DISK, VNC);
        try (Stranger stranger =
                Stranger.startedAs(NOBODY, inItsOwnNetwork(AS_NOBODY), place.resolve("poor"), from, arguments)) {
            stranger.awaitBeats(5);
            chosenByItsOwner(stranger.directory.resolve("vm.qmp"), 0660, 12345);
            chosenByItsOwner(stranger.directory.resolve("vm.pid"), 0640, 23456);
            Map<String, String> its = surroundings((int) stranger.pid);
            Map<String, String> names = names(stranger);
            VmState adopted = adopt(stranger);

            more = List.of("-machine", "hpet=off");
            VmState stayed = upgrade(adopted.id(), 1, Method.SHARED_RAM, to, from);
            assertThat(stayed.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.RolledBack.class);
            stranger.awaitBeats(5);
            stranger.assertAllAnswer("\"major\":10", (int) stranger.pid);
            assertThat(names(stranger)).isEqualTo(names);
            assertThat(stranger.left()).isEmpty();

            more = List.of();
            VmState there = upgrade(adopted.id(), 2, Method.SHARED_RAM, to, from);
            assertThat(there.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            assertThat(surroundings(there.process().pid())).isEqualTo(its);
            assertThat(names(stranger)).isEqualTo(names);
            stranger.assertAllAnswer("\"major\":11", there.process().pid());

            restartAgent();
            VmState back = upgrade(adopted.id(), 3, Method.SHARED_RAM, from, to);
            assertThat(back.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            assertThat(surroundings(back.process().pid())).isEqualTo(its);
            assertThat(names(stranger)).isEqualTo(names);
            stranger.assertAllAnswer("\"major\":10", back.process().pid());
            stranger.awaitBeats(5);
            assertThat(stranger.left()).isEmpty();
        }
    }

    @Test
    void its_memory_without_a_name_travels_over_sockets_that_it_reaches() throws Exception {
        try (Stranger stranger = Stranger.startedAs(
                NOBODY, AS_NOBODY, place.resolve("nameless"), from, Stranger.all(NAMELESS, Stranger.qmp()))) {
            stranger.awaitBeats(5);
            Map<String, String> its = surroundings((int) stranger.pid);
            VmState there = upgrade(adopt(stranger).id(), 1, Method.CPR_TRANSFER, to, from);
            assertThat(there.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            assertThat(surroundings(there.process().pid())).isEqualTo(its);
            stranger.awaitBeats(5);
        }
    }

    @Test
    void its_guest_is_rehearsed_by_a_throw_away_of_its_own_user() throws Exception {
        try (Stranger stranger = Stranger.startedAs(
                NOBODY,
                inItsOwnNetwork(AS_NOBODY),
                place.resolve("tried"),
                from,
                Stranger.all(Stranger.namedMemory(), Stranger.qmp(), DISK, WATCH))) {
            stranger.watch();
            stranger.awaitBeats(5);
            VmState there = upgrade(adopt(stranger).id(), 1, Method.SHARED_RAM, to, from, Rehearsal.DECIDES);
            assertThat(there.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
            stranger.awaitBeats(5);
            assertThat(stranger.left()).isEmpty();
        }
    }

    @Test
    void one_that_gave_its_user_up_by_itself_is_started_as_whom_it_has_become() throws Exception {
        String tap = "nr" + ProcessHandle.current().pid() % 1_000_000;
        String make = "ip tuntap add dev " + tap + " mode tap";
        String refused = refused("/usr/bin/unshare", "--net", "/bin/sh", "-c", make);
        if (!refused.isEmpty()) {
            System.out.println("No tap device is tried: " + refused);
        }
        Assumptions.assumeTrue(refused.isEmpty(), "this machine makes no tap devices");
        var before = List.of("/usr/bin/unshare", "--net", "--", "/bin/sh", "-c", make + " && exec \"$@\"", "sh");
        var network = List.of(
                "-netdev", "tap,id=n,ifname=" + tap + ",script=no,downscript=no", "-device", "virtio-net-pci,netdev=n");
        for (String user : List.of("nobody", NOBODY + ":" + NOBODY)) {
            try (Stranger stranger = Stranger.startedAs(
                    NOBODY,
                    before,
                    place.resolve("drops-" + user.length()),
                    from,
                    Stranger.all(
                            Stranger.namedMemory(),
                            Stranger.qmp(),
                            DISK,
                            VNC,
                            network,
                            List.of("-run-with", "user=" + user)))) {
                stranger.awaitBeats(5);
                Map<String, String> its = surroundings((int) stranger.pid);
                assertThat(its.get("user")).startsWith(NOBODY + " ");
                Map<String, String> names = names(stranger);
                assertThat(inspect(stranger.qmpSocket(), false).getRefusal().getSentence())
                        .as("what root made is not opened as root again")
                        .contains("ram, which its user may not open again");
                for (String made : List.of("ram", "beats")) {
                    Files.setAttribute(stranger.directory.resolve(made), "unix:uid", NOBODY);
                }
                VmState adopted = adopt(stranger);
                VmState there = upgrade(adopted.id(), 1, Method.SHARED_RAM, to, from);
                assertThat(there.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
                assertThat(surroundings(there.process().pid())).isEqualTo(its);
                assertThat(names(stranger)).isEqualTo(names);
                VmState back = upgrade(adopted.id(), 2, Method.SHARED_RAM, from, to);
                assertThat(back.lastEnd()).as("%s", coordinator.journal()).isInstanceOf(VmEvent.Verified.class);
                assertThat(surroundings(back.process().pid())).isEqualTo(its);
                assertThat(Tap.heldBy(back.process().pid())).containsExactly(tap);
                stranger.assertAllAnswer("\"major\":10", back.process().pid());
                stranger.awaitBeats(5);
            }
        }
    }

    @Test
    void what_its_user_cannot_open_is_refused_by_name_and_the_guest_is_not_touched() throws Exception {
        try (Stranger stranger = Stranger.startedAs(
                NOBODY,
                AS_NOBODY,
                place.resolve("closed"),
                from,
                Stranger.all(Stranger.namedMemory(), Stranger.qmp(), DISK, WATCH))) {
            stranger.watch();
            stranger.awaitBeats(5);
            Path disk = stranger.directory.resolve("disk.img");
            Files.setAttribute(disk, "unix:uid", 0);
            assertThat(inspect(stranger.qmpSocket(), false).getRefusal())
                    .satisfies(refusal -> assertThat(refusal.getCode()).isEqualTo("DISK_NOT_REOPENABLE"))
                    .satisfies(refusal ->
                            assertThat(refusal.getSentence()).contains("user " + NOBODY, "disk.img again to write"));
            Files.setAttribute(disk, "unix:uid", NOBODY);
            VmState after = upgrade(adopt(stranger).id(), 1, Method.SHARED_RAM, tooNew, from);
            assertThat(after.lastEnd()).isInstanceOfSatisfying(VmEvent.UpgradeRefused.class, end -> {
                assertThat(end.refusal().code()).isEqualTo("RELEASE_OUT_OF_REACH");
                assertThat(end.refusal().sentence()).contains("user " + NOBODY, tooNew.getId());
            });
            assertThat(stranger.stops()).isEmpty();
        }
    }

    @Test
    void one_that_sees_other_files_than_the_agent_is_refused_by_name() throws Exception {
        try (Stranger stranger = Stranger.startedAs(
                NOBODY,
                List.of("/usr/bin/unshare", "--mount", "--"),
                place.resolve("elsewhere"),
                from,
                Stranger.all(Stranger.namedMemory(), Stranger.qmp()))) {
            assertThat(inspect(stranger.qmpSocket(), false).getRefusal())
                    .satisfies(refusal -> assertThat(refusal.getCode()).isEqualTo("SURROUNDINGS"))
                    .satisfies(refusal -> assertThat(refusal.getSentence()).contains("namespace mnt"));
        }
    }

    private static Map<String, String> surroundings(int pid) throws IOException {
        return new TreeMap<>(Surroundings.of(pid).orElseThrow().facts());
    }

    private static void chosenByItsOwner(Path name, int mode, int group) throws IOException {
        Files.setAttribute(name, "unix:gid", group);
        Files.setAttribute(name, "unix:mode", mode);
    }

    /** Whose each of them is and who may use it. */
    private static Map<String, String> names(Stranger stranger) throws IOException {
        var names = new TreeMap<String, String>();
        for (String name : List.of("vm.qmp", "vm.pid", "vnc")) {
            names.put(
                    name,
                    new TreeMap<>(Files.readAttributes(
                                    stranger.directory.resolve(name), "unix:uid,gid,mode", LinkOption.NOFOLLOW_LINKS))
                            .toString());
        }
        return names;
    }
}
