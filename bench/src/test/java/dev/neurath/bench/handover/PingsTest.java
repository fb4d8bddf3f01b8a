package dev.neurath.bench.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PingsTest {
    private static final long NEVER = 0;

    private static long[] millis(long... moments) {
        return LongStream.of(moments)
                .map(millis -> millis == NEVER ? NEVER : millis * 1_000_000)
                .toArray();
    }

    private static Pings.Seen seen(long from, long to, long[] sent, long[] answered) {
        return Pings.seen(from * 1_000_000, to * 1_000_000, sent, answered, sent.length);
    }

    @Test
    void the_longest_silence_is_between_two_answers_of_which_one_is_within() {
        long[] sent = millis(10, 20, 30, 40, 50);
        long[] answered = millis(11, 21, 41, 42, 51);

        assertThat(seen(15, 45, sent, answered)).isEqualTo(new Pings.Seen(3, 0, 20));
        assertThat(seen(30, 40, sent, answered)).isEqualTo(new Pings.Seen(1, 0, 20));
    }

    @Test
    void an_echo_that_comes_too_late_or_never_is_lost() {
        long[] sent = millis(10, 20, 30);
        long[] answered = millis(11, NEVER, 1031);

        assertThat(seen(5, 35, sent, answered)).isEqualTo(new Pings.Seen(3, 2, 1020));
    }

    @Test
    void a_guest_that_never_answers_again_is_silent_to_the_end() {
        assertThat(seen(5, 100, millis(10, 20), millis(11, NEVER))).isEqualTo(new Pings.Seen(2, 1, 89));
    }
}
