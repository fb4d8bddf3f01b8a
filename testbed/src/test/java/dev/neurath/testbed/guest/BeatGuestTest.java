package dev.neurath.testbed.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.testbed.Command;
import dev.neurath.testbed.UserCache;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BeatGuestTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void the_guest_that_is_shipped_is_the_one_in_the_source(@TempDir Path directory) throws Exception {
        String shippedBy = new String(resource("beat.toolchain.txt"), StandardCharsets.UTF_8);
        String here;
        try {
            here = Command.of(LIMIT, List.of("gcc", "--version"))
                            .output()
                            .lines()
                            .findFirst()
                            .orElse("")
                    + "\n"
                    + Command.of(LIMIT, List.of("ld", "--version"))
                            .output()
                            .lines()
                            .findFirst()
                            .orElse("")
                    + "\n";
        } catch (IOException e) {
            here = "no compiler: " + e.getMessage();
        }
        if (!here.equals(shippedBy)) {
            String reason = "beat.elf is not rebuilt: it was built by\n" + shippedBy + "and here is\n" + here;
            System.out.println(reason);
            Assumptions.abort(reason);
        }

        Path script = Path.of("src/main/guest/beat/build.sh").toAbsolutePath();
        Command.of(LIMIT, List.of("sh", script.toString(), directory.toString()))
                .output();

        assertThat(Files.readAllBytes(directory.resolve("beat.elf")))
                .as("run %s and copy what it makes", script)
                .isEqualTo(resource("beat.elf"));
    }

    @Test
    void the_kernel_in_the_cache_is_named_by_its_content(@TempDir Path directory) throws Exception {
        UserCache cache = new UserCache(directory);

        Path kernel = BeatGuest.kernel(cache);

        assertThat(Files.readAllBytes(kernel)).isEqualTo(resource("beat.elf"));
        assertThat(BeatGuest.kernel(cache)).isEqualTo(kernel);
        assertThat(cache.guests()).isDirectoryContaining(kernel::equals);
        try (var files = Files.list(cache.guests())) {
            assertThat(files).containsExactly(kernel);
        }
    }

    @Test
    void a_rate_that_a_pc_timer_cannot_go_is_refused() {
        assertThatThrownBy(() -> new BeatGuest(18, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BeatGuest(1001, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(BeatGuest.gentle().append()).isEqualTo("hz=100 dpt=8 ws=16 vpt=16");
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = BeatGuest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return in.readAllBytes();
        }
    }
}
