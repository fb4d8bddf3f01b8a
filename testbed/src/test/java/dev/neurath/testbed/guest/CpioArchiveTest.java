package dev.neurath.testbed.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpioArchiveTest {
    @Test
    void entries_are_padded_to_four_bytes_and_end_with_the_trailer() {
        byte[] archive = new CpioArchive()
                .directory("dev")
                .characterDevice("dev/console", 5, 1)
                .file("init", "#!x".getBytes(StandardCharsets.US_ASCII))
                .finish();

        String text = new String(archive, StandardCharsets.ISO_8859_1);
        assertThat(archive.length % 4).isZero();
        assertThat(text).startsWith("070701" + "00000001" + "000041ed");
        // Mode 020600, device 5:1 in the last but two fields.
        assertThat(text).contains("070701" + "00000002" + "00002180").contains("0000000500000001" + "0000000c");
        assertThat(text).contains("init\0").contains("#!x\0" + "070701");
        assertThat(text.indexOf("TRAILER!!!")).isGreaterThan(text.indexOf("#!x"));
        for (int at = text.indexOf("070701"); at >= 0; at = text.indexOf("070701", at + 1)) {
            assertThat(at % 4).as("header at " + at).isZero();
        }
    }

    @Test
    void modules_come_after_what_they_need_and_built_in_ones_are_left_out(@TempDir Path directory) throws Exception {
        module(directory, "net/virtio-net.ko", "depends=net_failover,virtio_ring", "alias=x");
        module(directory, "net/net_failover.ko", "depends=failover", "softdep=pre: crc32c post: later");
        module(directory, "net/failover.ko", "depends=");
        module(directory, "lib/crc32c.ko", "depends=built_in");
        module(directory, "lib/later.ko", "depends=");
        module(directory, "virtio/virtio_ring.ko", "depends=");

        Map<String, byte[]> ordered =
                KernelModules.below(directory).inOrder(List.of("virtio_net", "not_there"), directory);

        assertThat(ordered.keySet()).containsExactly("crc32c", "failover", "net_failover", "virtio_ring", "virtio_net");
    }

    private static void module(Path directory, String name, String... info) throws Exception {
        Path file = directory.resolve(name);
        Files.createDirectories(file.resolve(".."));
        Files.writeString(file, "ELF\0" + String.join("\0", info) + "\0rest", StandardCharsets.ISO_8859_1);
    }
}
