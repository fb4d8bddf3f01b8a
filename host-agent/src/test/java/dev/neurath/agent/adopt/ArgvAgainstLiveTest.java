package dev.neurath.agent.adopt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.qemu.QemuFacts;
import dev.neurath.agent.qemu.QemuFacts.BlockNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArgvAgainstLiveTest {
    private static final Frame FRAME =
            new Frame(Path.of("/vms"), path -> false, "pc-q35-10.0", "", true, true, host -> false);
    private static final String ARGV = "qemu -device virtio-net-pci,id=nic -device virtio-rng-pci"
            + " -blockdev driver=file,node-name=f,filename=disk -blockdev driver=raw,node-name=d,file=f"
            + " -device virtio-blk-pci,id=disk,drive=d -chardev null,id=c -object iothread,id=io";

    private static LiveMachine live(
            Set<String> devices,
            int unnamed,
            String file,
            List<String> nodes,
            Set<String> chardevs,
            Map<String, String> objects) {
        var labels = new java.util.HashMap<String, String>();
        chardevs.forEach(label -> labels.put(label, "null"));
        var facts = new QemuFacts(
                "10.0.2",
                "",
                "running",
                "pc-q35-10.0",
                1,
                nodes.stream()
                        .map(node -> new BlockNode(node, "raw", "disk", false))
                        .toList(),
                List.of(),
                labels,
                List.of(),
                List.of(),
                devices,
                List.of(),
                List.of());
        return new LiveMachine(
                facts,
                unnamed,
                Map.of("disk", file),
                objects,
                List.of(),
                Map.of(),
                "none",
                List.of(),
                Set.of(),
                false,
                false,
                0,
                "");
    }

    private static LiveMachine asStarted() {
        return live(
                Set.of("nic=child<virtio-net-pci>", "disk=child<virtio-blk-pci>"),
                1,
                "disk",
                List.of("d", "f", "#"),
                Set.of("c", "compat_monitor0"),
                Map.of("io", "iothread", "pc.ram", "memory-backend-ram"));
    }

    private static Optional<String> difference(LiveMachine live) throws NotAdoptable {
        return ArgvAgainstLive.difference(QemuCommandLine.parse(Arrays.asList(ARGV.split(" "))), FRAME, live);
    }

    @Test
    void a_machine_as_it_was_started_shows_no_difference() throws Exception {
        assertThat(difference(asStarted())).isEmpty();
    }

    @Test
    void a_device_that_came_or_went_is_named() throws Exception {
        LiveMachine s = asStarted();
        assertThat(difference(live(
                        Set.of("disk=child<virtio-blk-pci>"), 1, "disk", List.of("d", "f"), Set.of("c"), s.objects())))
                .contains("Device 'nic' was unplugged");
        assertThat(difference(live(
                        Set.of("nic=child<a>", "disk=child<b>", "hot=child<c>"),
                        1,
                        "disk",
                        List.of("d", "f"),
                        Set.of("c"),
                        s.objects())))
                .contains("Device 'hot' was plugged in");
        assertThat(difference(live(s.facts().peripherals(), 0, "disk", List.of("d", "f"), Set.of("c"), s.objects())))
                .contains("A device without a name was unplugged");
        assertThat(difference(live(s.facts().peripherals(), 2, "disk", List.of("d", "f"), Set.of("c"), s.objects())))
                .contains("A device without a name was plugged in");
    }

    @Test
    void a_disk_that_was_moved_to_another_file_is_named() throws Exception {
        LiveMachine s = asStarted();
        assertThat(difference(live(
                        s.facts().peripherals(), 1, "/vms/overlay.qcow2", List.of("d", "f"), Set.of("c"), s.objects())))
                .contains("Drive 'disk' is now on /vms/overlay.qcow2");
        assertThat(difference(
                        live(s.facts().peripherals(), 1, "disk", List.of("d", "f", "snap"), Set.of("c"), s.objects())))
                .contains("Block node 'snap' was added");
    }

    @Test
    void character_devices_and_objects_are_compared_too() throws Exception {
        LiveMachine s = asStarted();
        assertThat(difference(
                        live(s.facts().peripherals(), 1, "disk", List.of("d", "f"), Set.of("c", "new"), s.objects())))
                .contains("Character device 'new' was added");
        assertThat(difference(live(s.facts().peripherals(), 1, "disk", List.of("d", "f"), Set.of(), s.objects())))
                .contains("Character device 'c' was removed");
        assertThat(difference(live(s.facts().peripherals(), 1, "disk", List.of("d", "f"), Set.of("c"), Map.of())))
                .contains("Object 'io' was removed");
        assertThat(difference(live(
                        s.facts().peripherals(),
                        1,
                        "disk",
                        List.of("d", "f"),
                        Set.of("c"),
                        Map.of("io", "iothread", "x", "secret"))))
                .contains("Object 'x' of kind secret was added");
    }
}
