package dev.neurath.testbed.beat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuestLineTest {
    @Test
    void the_beating_guests_lines_are_told_apart() {
        assertThat(GuestLine.parse("0000002a")).isEqualTo(new GuestLine.Beat(42, true, "0000002a"));
        assertThat(GuestLine.parse("S t=00000100 tsc=00000000b2 dirtied=5 sweeps=1 errs=2 rtc=06:38:47 missed=7"))
                .isEqualTo(new GuestLine.Status(256, 2, 7));
        assertThat(GuestLine.parse("E page=7 pa=000001007000 k=0 got=00 want=01"))
                .isInstanceOf(GuestLine.Damage.class);
        assertThat(GuestLine.parse("X exc=14 a=00 cr2=00")).isInstanceOf(GuestLine.Damage.class);
        assertThat(GuestLine.parse("READY")).isInstanceOf(GuestLine.Talk.class);
        assertThat(GuestLine.parse("FILL pages=61408 dpt=64")).isInstanceOf(GuestLine.Talk.class);
    }

    @Test
    void a_guest_that_does_not_count_what_it_missed_is_understood() {
        assertThat(GuestLine.parse("S t=00000100 tsc=00000000b2 dirtied=5 sweeps=1 errs=2 rtc=06:38:47"))
                .isEqualTo(new GuestLine.Status(256, 2, 0));
    }

    @Test
    void the_linux_guests_lines_are_told_apart() {
        String bad = "L 12 mem=ok disk=BAD t=3.21";
        assertThat(GuestLine.parse("L 11 mem=ok disk=ok t=3.11"))
                .isEqualTo(new GuestLine.Beat(11, true, "L 11 mem=ok disk=ok t=3.11"));
        assertThat(GuestLine.parse(bad)).isEqualTo(new GuestLine.Beat(12, false, bad));
        assertThat(GuestLine.parse("[    3.1] Kernel panic - not syncing: Attempted to kill init!"))
                .isInstanceOf(GuestLine.Damage.class);
        assertThat(GuestLine.parse("no module virtio_net")).isInstanceOf(GuestLine.Talk.class);
    }

    @Test
    void half_a_line_is_torn_and_not_a_beat() {
        for (String half :
                List.of("02a", "0000002a0000002b", "L 12 mem=ok di", "S t=0000", "L 12 mem=ok L 13 mem=ok")) {
            assertThat(GuestLine.parse(half)).as(half).isInstanceOf(GuestLine.Torn.class);
        }
    }

    @Test
    void a_line_that_comes_in_pieces_is_put_together_at_every_cut() {
        byte[] text = "0000002a\nL 3 mem=ok disk=ok t=1.0\r\n0000002b\n".getBytes(StandardCharsets.US_ASCII);
        for (int cut = 0; cut <= text.length; cut++) {
            LineSplitter splitter = new LineSplitter();
            List<String> lines = new ArrayList<>(splitter.accept(ByteBuffer.wrap(text, 0, cut)));
            lines.addAll(splitter.accept(ByteBuffer.wrap(text, cut, text.length - cut)));
            assertThat(lines).containsExactly("0000002a", "L 3 mem=ok disk=ok t=1.0", "0000002b");
        }
    }

    @Test
    void a_line_without_end_is_cut_and_not_kept_for_ever() {
        List<String> lines = new LineSplitter().accept(ByteBuffer.wrap(new byte[10_000]));

        assertThat(lines).hasSize(2).allMatch(line -> line.length() == 4096);
    }
}
