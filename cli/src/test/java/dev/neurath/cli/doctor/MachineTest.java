package dev.neurath.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    @TempDir
    private Path root;

    @BeforeEach
    void aMachineThatHasEverything() throws IOException {
        Files.createDirectories(root.resolve("dev/shm"));
        Files.createFile(root.resolve("dev/kvm"));
        Files.createDirectories(root.resolve("sys/fs/cgroup"));
        Files.createDirectories(root.resolve("proc/self"));
        write("proc/self/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\nhuge /mnt/huge hugetlbfs rw 0 0\n");
        write("proc/self/status", "Name:\tjava\nUid:\t0\t0\t0\t0\n");
        write("proc/self/limits", "Max open files            65536                1048576              files\n");
    }

    @Test
    void a_machine_that_has_everything_is_fine() throws IOException {
        Map<String, Finding> findings = findings();
        findings.remove("ram"); // as much as the disk under this test has
        assertThat(findings.values()).extracting(Finding::verdict).containsOnly(Finding.Verdict.OK);
        assertThat(findings)
                .hasEntrySatisfying(
                        "huge pages", found -> assertThat(found.sentence()).contains("/mnt/huge"));
    }

    @Test
    void what_is_missing_is_named_with_its_way_out() throws IOException {
        Files.delete(root.resolve("dev/kvm"));
        Files.delete(root.resolve("dev/shm"));
        write("proc/self/mounts", "tmpfs /dev/shm tmpfs rw 0 0\n");
        write("proc/self/status", "Uid:\t1000\t1000\t1000\t1000\n");
        write("proc/self/limits", "Max open files            1024                 1048576              files\n");
        Map<String, Finding> findings = findings();
        assertThat(findings)
                .hasEntrySatisfying("ram", found -> assertThat(found.verdict()).isEqualTo(Finding.Verdict.FAIL));
        assertThat(findings)
                .extractingByKeys("kvm", "control groups", "user", "open files")
                .extracting(Finding::verdict)
                .containsOnly(Finding.Verdict.WARN);
        assertThat(findings.values())
                .filteredOn(finding -> finding.verdict() != Finding.Verdict.OK)
                .extracting(Finding::wayOut)
                .doesNotContain("");
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(root.resolve(file), text);
    }

    private Map<String, Finding> findings() throws IOException {
        return new Machine(root).findings().stream().collect(Collectors.toMap(Finding::check, Function.identity()));
    }
}
