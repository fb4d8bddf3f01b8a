package dev.neurath.agent.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.agent.qemu.QemuArgv.Incoming;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuArgvTest {
    private static final Path OLD = Path.of("/run/old/qmp,1");
    private static final Path NEW = Path.of("/run/new/qmp");

    @Test
    void the_incoming_side_differs_in_its_door_and_in_standing_still_only() {
        List<String> first = argv(true).firstStart(OLD);
        List<String> incoming = new ArrayList<>(argv(true).incoming(NEW, new Incoming.SharedRam()));
        assertThat(incoming.subList(first.size(), incoming.size())).containsExactly("-S", "-incoming", "defer");
        List<String> machine = new ArrayList<>(incoming.subList(0, first.size()));
        machine.replaceAll(argument -> argument.replace("/run/new/qmp", "/run/old/qmp,,1"));
        assertThat(machine).isEqualTo(first);
    }

    @Test
    void ram_is_shared_and_never_touched_by_preallocation() {
        assertThat(argv(true).firstStart(OLD))
                .anyMatch(argument -> argument.contains("\"share\":true"))
                .noneMatch(argument -> argument.contains("prealloc"));
    }

    @Test
    void auxiliary_ram_is_shared_only_where_the_binary_knows_how() {
        assertThat(argv(true).firstStart(OLD)).contains("pc-q35-7.2,memory-backend=ram0,aux-ram-share=on");
        assertThat(argv(false).firstStart(OLD)).contains("pc-q35-7.2,memory-backend=ram0");
    }

    @Test
    void taps_are_passed_as_descriptors_in_the_order_of_the_nics() {
        QemuArgv argv = argv(true);
        assertThat(argv.taps()).containsExactly("tap7", "tap9");
        assertThat(argv.firstStart(OLD)).containsSubsequence("tap,id=a,fd=3", "user,id=b", "tap,id=c,fd=4");
    }

    @Test
    void the_cpr_channel_is_opened_at_the_start() {
        assertThat(argv(true).incoming(NEW, new Incoming.CprTransfer(Path.of("/run/new/cpr"))))
                .anyMatch(
                        argument -> argument.contains("\"channel-type\":\"cpr\"") && argument.contains("/run/new/cpr"));
    }

    @Test
    void a_guest_that_does_not_fit_is_refused_before_it_is_started(@TempDir Path disk) throws IOException {
        Path ram = Path.of("/dev/shm", "ram-test-" + System.nanoTime());
        assertThatThrownBy(() -> RamFile.create(ram, 1L << 50)).isInstanceOf(RamFile.TooSmall.class);
        assertThat(ram).doesNotExist();
        assertThatThrownBy(() -> RamFile.create(disk.resolve("ram"), 4096)).hasMessageContaining("tmpfs");
        RamFile file = RamFile.create(ram, 2 << 20);
        try {
            assertThat((Long) java.nio.file.Files.getAttribute(ram, "unix:size"))
                    .isEqualTo(2L << 20);
            assertThatThrownBy(() -> RamFile.create(ram, 4096)).isInstanceOf(IOException.class);
        } finally {
            file.delete();
        }
    }

    private static QemuArgv argv(boolean auxRamShare) {
        ReleaseManifest release = new ReleaseManifest("r", "1", List.of("/usr/bin/qemu"), Map.of(), List.of());
        QemuAbilities abilities = new QemuAbilities(
                "1",
                Set.of("pc-q35-7.2"),
                Map.of(),
                Set.of(),
                Set.of(),
                auxRamShare ? Set.of("aux-ram-share") : Set.of(),
                Set.of(),
                Set.of());
        VmSpec vm = new VmSpec(
                new VmId("vm-1"),
                new ReleaseId("r"),
                "pc-q35-7.2",
                "qemu64",
                "tcg",
                1,
                64 << 20,
                List.of(new VmSpec.Disk("root", "/images/a,b.qcow2", "qcow2", false)),
                List.of(
                        new VmSpec.Nic("a", "52:54:00:00:00:01", "tap7"),
                        new VmSpec.Nic("b", "52:54:00:00:00:02", null),
                        new VmSpec.Nic("c", "52:54:00:00:00:03", "tap9")),
                new VmSpec.Boot("/boot/kernel", null, "quiet, please", null),
                List.of(),
                Map.of(),
                Duration.ofSeconds(1),
                List.of());
        return new QemuArgv(release, abilities, vm, Path.of("/dev/shm/ram"));
    }
}
