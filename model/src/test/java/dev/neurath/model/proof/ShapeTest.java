package dev.neurath.model.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void two_vms_that_differ_in_names_and_places_have_one_shape() {
        assertThat(Shape.of(vm("a", "-name", "a", "-chardev", "file,id=c,path=/a", "-device", "isa-vga")))
                .isEqualTo(Shape.of(vm("b", "-name", "b", "-chardev", "file,id=c,path=/b", "-device", "isa-vga")))
                .isNotEqualTo(Shape.of(vm("b", "-chardev", "file,id=c,path=/b", "-device", "e1000")));
    }

    @Test
    void another_memory_or_firmware_is_another_machine() {
        String file = Shape.of(memory("memory-backend-file,id=a,mem-path=/a,share=on", "pc-q35-10.0,memory-backend=a"));
        assertThat(Shape.of(memory("memory-backend-file,id=b,mem-path=/b,share=on", "pc-q35-10.0,memory-backend=b")))
                .isEqualTo(file);
        assertThat(Shape.of(memory("memory-backend-memfd,id=a,share=on", "pc-q35-10.0,memory-backend=a")))
                .isNotEqualTo(file);
        assertThat(Shape.of(memory(
                        "memory-backend-file,id=a,mem-path=/a,share=on",
                        "pc-q35-10.0,memory-backend=a,aux-ram-share=on")))
                .isNotEqualTo(file);
        assertThat(Shape.of(vm("a", "-bios", "/one.bin"))).isNotEqualTo(Shape.of(vm("a", "-bios", "/two.bin")));
    }

    private static VmSpec memory(String backend, String machine) {
        return vm("a", "-machine", machine, "-object", backend);
    }

    private static VmSpec vm(String id, String... arguments) {
        return new VmSpec(
                new VmId(id),
                new ReleaseId("r"),
                "pc-q35-10.0",
                "qemu64",
                "tcg",
                1,
                64L << 20,
                List.of(),
                List.of(),
                new VmSpec.Boot(null, null, null, null),
                List.of(arguments),
                Map.of(),
                Duration.ofSeconds(1),
                List.of());
    }

    @Test
    void what_things_are_called_and_where_they_are_does_not_count_and_all_else_does() {
        assertThat(Shape.nameless("file,id=beat,append=on,path=/a/b")).isEqualTo("file,append=on");
        assertThat(Shape.nameless("virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01,mq=on"))
                .isEqualTo("virtio-net-pci,mq=on");
        assertThat(Shape.nameless("virtio-net-pci,rx_queue_size=1024")).isEqualTo("virtio-net-pci,rx_queue_size=1024");
        assertThat(Shape.nameless("{\"driver\":\"file\",\"filename\":\"/a\"}")).isEqualTo("{\"driver\":\"file\",}");
        assertThat(Shape.nameless("{\"mq\": true, \"driver\": \"virtio-net-pci\", \"mac\": \"52:54\"}"))
                .isEqualTo("{\"mq\": true, \"driver\": \"virtio-net-pci\", }");
        assertThat(Shape.nameless("{\"driver\":\"qcow2\",\"file\":{\"driver\":\"nbd\",\"host\":\"a\"}}"))
                .isEqualTo("{\"driver\":\"qcow2\",\"file\":{\"driver\":\"nbd\",}}");
    }
}
