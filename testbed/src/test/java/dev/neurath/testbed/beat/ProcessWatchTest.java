package dev.neurath.testbed.beat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProcessWatchTest {
    private static final long MS = 1_000_000;

    @Test
    void a_name_with_spaces_and_brackets_does_not_shift_the_fields() throws Exception {
        ProcessStat stat =
                ProcessStat.parse("17 (a) (b c) S 1 17 17 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 135560 9 9\n");

        assertThat(stat).isEqualTo(new ProcessStat('S', 3, 135560));
        assertThatThrownBy(() -> ProcessStat.parse("17 (a) S 1")).isInstanceOf(IOException.class);
    }

    @Test
    void deaths_are_seen_in_their_order() throws Exception {
        Process first = new ProcessBuilder("sleep", "600").start();
        Process second = new ProcessBuilder("sleep", "600").start();
        try (ProcessWatch watch = ProcessWatch.start()) {
            ProcessLife one = watch.watch(first.pid(), "one");
            ProcessLife two = watch.watch(second.pid(), "two");

            second.destroyForcibly();
            await(two::isDead);
            first.destroyForcibly();
            await(one::isDead);

            assertThat(two.deathNanos().getAsLong()).isLessThan(one.deathNanos().getAsLong());
            assertThat(watch.lives()).containsExactly(one, two);
        } finally {
            first.destroyForcibly();
            second.destroyForcibly();
        }
    }

    @Test
    void a_process_that_appears_with_the_marker_is_followed() throws Exception {
        String marker = "neurath-" + UUID.randomUUID();
        try (ProcessWatch watch = ProcessWatch.start()) {
            watch.follow(marker);
            Process process = new ProcessBuilder("sh", "-c", "read line", marker).start();
            try {
                await(() -> watch.lives().size() == 1);
                assertThat(watch.lives().getFirst().pid()).isEqualTo(process.pid());
                assertThat(watch.lives().getFirst().isDead()).isFalse();
            } finally {
                process.destroyForcibly();
            }
            await(() -> watch.lives().getFirst().isDead());
        }
    }

    @Test
    void a_process_that_is_gone_cannot_be_watched() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        try (ProcessWatch watch = ProcessWatch.start(Duration.ofMillis(5))) {
            assertThatThrownBy(() -> watch.watch(process.pid(), "gone")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void runs_one_after_the_other_are_not_together() {
        ProcessLife old = new ProcessLife(1, 1, "old");
        ProcessLife young = new ProcessLife(2, 2, "new");
        for (long round = 0; round < 101; round++) {
            old.ran(MS, round, round * 2 * MS);
        }
        // The new one's virtual CPU is created and loaded while the old one runs; then it takes over.
        young.ran(MS / 2, 40, 80 * MS);
        for (long round = 102; round < 200; round++) {
            young.ran(MS, round, round * 2 * MS);
        }

        assertThat(old.spentTogetherWith(young)).isEqualTo(Duration.ofNanos(MS / 2));
        assertThat(old.ranTogetherWith(young)).isFalse();
        assertThat(young.ranTogetherWith(old)).isFalse();
        assertThat(old.runs()).containsExactly(new ProcessLife.Run(0, 200 * MS, Duration.ofMillis(101)));
        assertThat(young.runs()).hasSize(2);
    }

    @Test
    void runs_side_by_side_are_together_also_when_their_beats_never_meet() {
        ProcessLife old = new ProcessLife(1, 1, "old");
        ProcessLife young = new ProcessLife(2, 2, "new");
        for (long round = 0; round < 400; round += 5) {
            old.ran(MS / 10, round, round * 2 * MS);
            young.ran(MS / 10, round + 2, (round + 2) * 2 * MS);
        }

        assertThat(old.ranTogetherWith(young)).isTrue();
        assertThat(young.ranTogetherWith(old)).isTrue();
    }

    @Test
    void being_kicked_is_not_running_and_being_stopped_by_a_signal_is_seen() {
        ProcessLife life = new ProcessLife(1, 1, "old");
        life.ran(20_000, 0, 0);
        life.state('S');
        assertThat(life.runs()).isEmpty();
        assertThat(life.wasFrozen()).isFalse();
        life.state('T');
        assertThat(life.wasFrozen()).isTrue();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        Object never = new Object();
        synchronized (never) {
            while (!condition.getAsBoolean()) {
                never.wait(5);
            }
        }
    }
}
