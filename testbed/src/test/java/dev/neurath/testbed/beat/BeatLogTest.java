package dev.neurath.testbed.beat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.testbed.beat.BeatLog.Mark;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BeatLogTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long MS = 1_000_000;

    private final BeatLog log = new BeatLog();

    private void beat(long number, long ms) {
        log.accept(new GuestLine.Beat(number, true, ""), ms * MS);
    }

    private static Mark at(long ms) {
        return new Mark(ms * MS, 0);
    }

    @Test
    void the_largest_gap_is_that_of_the_window_alone() {
        beat(1, 0);
        beat(2, 500);
        beat(3, 510);
        beat(4, 550);
        beat(5, 551);

        assertThat(log.largestGap(at(500), at(551))).isEqualTo(Duration.ofMillis(40));
        assertThat(log.largestGap(at(0), at(551))).isEqualTo(Duration.ofMillis(500));
        assertThat(log.largestGap(at(500), at(510))).isEqualTo(Duration.ofMillis(10));
    }

    @Test
    void a_gap_that_reaches_into_the_window_counts_whole() {
        beat(1, 0);
        beat(2, 500);
        beat(3, 501);

        assertThat(log.largestGap(at(400), at(501))).isEqualTo(Duration.ofMillis(500));
        assertThat(log.largestGap(at(0), at(10))).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void silence_up_to_the_end_counts() {
        beat(1, 0);
        beat(2, 1);

        assertThat(log.largestGap(at(0), at(3000))).isEqualTo(Duration.ofMillis(2999));
        assertThat(new BeatLog().largestGap(at(0), at(3000))).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void beats_are_counted_before_and_after_a_mark() {
        beat(7, 0);
        beat(8, 1);
        Mark mark = log.mark();
        beat(9, 2);

        assertThat(mark.beats()).isEqualTo(2);
        assertThat(log.beatsAfter(mark)).isEqualTo(1);
        assertThat(log.lastNumber()).isEqualTo(9);
        assertThat(log.troubles()).isEmpty();
    }

    @Test
    void a_repeat_a_jump_and_a_step_back_are_troubles() {
        for (long number : new long[] {1, 2, 2, 3, 5, 4}) {
            beat(number, number);
        }

        assertThat(log.troubles()).containsExactly("beat 2 follows 2", "beat 5 follows 3", "beat 4 follows 5");
    }

    @Test
    void damage_wrong_sums_and_counted_errors_are_troubles() {
        log.accept(GuestLine.parse("E page=7 pa=00 k=0 got=00 want=01"), 0);
        log.accept(GuestLine.parse("L 1 mem=BAD disk=ok t=3.21"), 0);
        log.accept(GuestLine.parse("S t=00000100 tsc=0 dirtied=5 sweeps=1 errs=2 rtc=0 missed=0"), 0);
        log.accept(GuestLine.parse("S t=00000200 tsc=0 dirtied=5 sweeps=1 errs=2 rtc=0 missed=0"), 0);

        assertThat(log.troubles())
                .containsExactly(
                        "E page=7 pa=00 k=0 got=00 want=01", "L 1 mem=BAD disk=ok t=3.21", "2 pages found wrong");
    }

    @Test
    void what_is_older_than_is_kept_is_forgotten_but_not_uncounted() {
        int beats = 2_000_000;
        for (int i = 0; i < beats; i++) {
            beat(i, i);
        }

        assertThat(log.beats()).isEqualTo(beats);
        assertThat(log.largestGap(at(beats - 1000), at(beats - 1))).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void a_log_that_two_write_one_after_the_other_is_one_log(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("beat.log");
        try (BeatWatcher watcher = BeatWatcher.start()) {
            BeatLog watched = watcher.watch(file);
            Mark mark = watched.mark();
            try (OutputStream old = append(file)) {
                write(old, "READY\n00000001\n00000002\n000000");
                assertThat(watched.awaitBeatsAfter(mark, 2, SOON)).isTrue();
                try (OutputStream young = append(file)) {
                    write(young, "03\n00000004\n");
                }
                assertThat(watched.awaitBeatsAfter(mark, 4, SOON)).isTrue();
            }
            assertThat(watched.lastNumber()).isEqualTo(4);
            assertThat(watched.troubles()).isEmpty();
            assertThat(watched.awaitBeatsAfter(mark, 5, Duration.ofMillis(20))).isFalse();
        }
    }

    @Test
    void a_log_that_is_cut_is_a_trouble_and_is_read_anew(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("beat.log"), "00000001\n00000002\n");
        try (BeatWatcher watcher = BeatWatcher.start()) {
            BeatLog watched = watcher.watch(file);
            assertThat(watched.awaitBeatsAfter(new Mark(0, 0), 2, SOON)).isTrue();

            Files.writeString(file, "00000003\n");

            assertThat(watched.awaitBeatsAfter(new Mark(0, 0), 3, SOON)).isTrue();
            assertThat(watched.troubles()).singleElement().asString().startsWith("the log was cut from 18 to ");
        }
    }

    @Test
    void a_log_that_is_forgotten_keeps_what_it_has_and_is_read_no_more(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("beat.log"), "00000001\n00000002\n");
        Path other = Files.writeString(directory.resolve("other.log"), "");
        try (BeatWatcher watcher = BeatWatcher.start()) {
            BeatLog forgotten = watcher.watch(file);
            BeatLog watched = watcher.watch(other);
            assertThat(forgotten.awaitBeatsAfter(new Mark(0, 0), 2, SOON)).isTrue();

            watcher.forget(forgotten);
            // The second is read by a look that began after the word to forget.
            for (int beat = 1; beat <= 2; beat++) {
                Files.writeString(other, "0000000%d\n".formatted(beat), StandardOpenOption.APPEND);
                assertThat(watched.awaitBeatsAfter(new Mark(0, 0), beat, SOON)).isTrue();
            }
            Files.writeString(file, "00000003\n", StandardOpenOption.APPEND);
            Files.writeString(other, "00000003\n", StandardOpenOption.APPEND);

            assertThat(watched.awaitBeatsAfter(new Mark(0, 0), 3, SOON)).isTrue();
            assertThat(forgotten.beats()).isEqualTo(2);
        }
    }

    private static OutputStream append(Path file) throws Exception {
        return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static void write(OutputStream out, String text) throws Exception {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }
}
