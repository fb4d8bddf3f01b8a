package dev.neurath.bench.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class MeterTest {
    private static final String SMAPS = """
            7f0000000000-7f0010000000 rw-s 00000000 00:1a 77                         /dev/shm/x/g1.ram
            Private_Clean:         0 kB
            Private_Dirty:    262144 kB
            7f0020000000-7f0020100000 rw-p 00000000 00:00 0
            Private_Clean:         4 kB
            Private_Dirty:      1020 kB
            7f0030000000-7f0030100000 rw-s 00000000 00:01 9                          /memfd:/rom (deleted)
            Private_Dirty:       256 kB
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
            Private_Dirty:         1 kB
            """;

    @Test
    void memory_that_old_maps_too_is_not_news_own() {
        assertThat(Meter.privateKiB(SMAPS, Set.of("/dev/shm/x/", "/memfd:"))).isEqualTo(1025);
        assertThat(Meter.privateKiB(SMAPS, Set.of())).isEqualTo(1025 + 256 + 262144);
    }
}
