package dev.neurath.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.cli.Golden;
import dev.neurath.cli.Rollouts;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.proto.v1.Rollout;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RolloutViewTest {
    private final RolloutView view = new RolloutView(ZoneOffset.UTC);

    @Test
    void a_finished_wave_is_one_line_and_trouble_stays_in_sight() throws IOException {
        Golden.verify("rollout-in-second-wave", plain(view.lines(Rollouts.inItsSecondWave(), 50)));
    }

    @Test
    void the_end_lists_only_what_did_not_end_upgraded() throws IOException {
        Golden.verify("rollout-complete", plain(view.lines(Rollouts.complete(), 50)));
    }

    @Test
    void wide_lists_every_vm() throws IOException {
        Golden.verify("rollout-wide", plain(view.wide(Rollouts.inItsSecondWave())));
    }

    @Test
    void in_a_low_window_trouble_is_kept_and_the_rest_is_counted() throws IOException {
        Golden.verify("rollout-low-window", plain(view.lines(Rollouts.inItsSecondWave(), 6)));
    }

    @ParameterizedTest
    @CsvSource({"1,80", "2,80", "3,20", "5,40", "24,80", "60,200"})
    void a_frame_is_never_taller_or_wider_than_the_window(int rows, int columns) {
        for (Rollout rollout :
                List.of(Rollouts.inItsSecondWave(), Rollouts.complete(), Rollouts.of(500, 40), Rollouts.of(3, 3))) {
            List<StyledLine> lines = view.lines(rollout, rows);
            assertThat(lines).hasSizeBetween(1, rows);
            assertThat(lines)
                    .allSatisfy(line ->
                            assertThat(line.render(columns, false).length()).isLessThanOrEqualTo(columns));
        }
    }

    @Test
    void a_sentence_with_line_breaks_stays_on_its_line() {
        assertThat(view.lines(Rollouts.inItsSecondWave(), 50))
                .allSatisfy(line -> assertThat(line.render(500, true)).doesNotContain("\n"));
    }

    @Test
    void without_colour_there_is_no_escape_sequence() {
        assertThat(plain(view.wide(Rollouts.inItsSecondWave()))).doesNotContain("\u001b");
    }

    @Test
    void a_watch_without_a_terminal_says_each_change_once() throws IOException {
        RolloutChanges changes = new RolloutChanges();
        StringBuilder log = new StringBuilder();
        for (Rollout look : List.of(
                Rollouts.inItsSecondWave(), Rollouts.inItsSecondWave(), Rollouts.complete(), Rollouts.complete())) {
            changes.next(look).forEach(line -> log.append(line).append('\n'));
        }
        Golden.verify("rollout-changes", log.toString());
    }

    private static String plain(List<StyledLine> lines) {
        return lines.stream().map(line -> line.render(110, false)).collect(Collectors.joining("\n", "", "\n"));
    }
}
