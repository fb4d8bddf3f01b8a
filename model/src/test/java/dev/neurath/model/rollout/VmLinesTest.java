package dev.neurath.model.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.HostId;
import dev.neurath.model.VmId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VmLinesTest {
    /** Waves that begin and end in the middle of what is stored together. */
    private static final int[] WAVES = {3, 300, 0, 700, 21};

    private static final int SIZE = IntStream.of(WAVES).sum();

    @Test
    void what_stands_somewhere_is_visited_in_the_plans_order_and_nothing_else() {
        var random = new Random(7);
        VmLines lines = VmLines.of(waves());
        for (int change = 0; change < 3 * SIZE; change++) {
            int index = random.nextInt(SIZE);
            VmLine line = lines.get(index);
            lines = lines.with(
                    index,
                    line.progress() == Progress.WAITING
                            ? line.begun(change + 1)
                            : random.nextInt(4) == 0
                                    ? line.putBack("", "")
                                    : line.ended(Progress.UPGRADED, null, "", ""));
            if (change % 97 == 0) {
                assertAllAreFound(lines);
            }
        }
        assertAllAreFound(lines);
    }

    @Test
    void the_visit_ends_when_it_says_so() {
        var visited = new ArrayList<Integer>();
        VmLines.of(waves()).forEach(WAVES.length, Progress.WAITING, index -> {
            visited.add(index);
            return visited.size() < 5;
        });
        assertThat(visited).containsExactly(0, 1, 2, 3, 4);
    }

    private static void assertAllAreFound(VmLines lines) {
        for (Progress progress : Progress.values()) {
            int end = 0;
            for (int waves = 0; waves <= WAVES.length; waves++) {
                end = waves == 0 ? 0 : end + WAVES[waves - 1];
                var visited = new ArrayList<Integer>();
                lines.forEach(waves, progress, visited::add);
                assertThat(visited)
                        .as("%s in the first %d waves", progress, waves)
                        .isEqualTo(IntStream.range(0, end)
                                .filter(index -> lines.get(index).progress() == progress)
                                .boxed()
                                .toList());
                assertThat(lines.countInFirst(waves, progress)).isEqualTo(visited.size());
            }
        }
    }

    private static List<Plan.Wave> waves() {
        var waves = new ArrayList<Plan.Wave>();
        int next = 0;
        for (int size : WAVES) {
            var parts = new ArrayList<Plan.Assignment>();
            for (int i = 0; i < size; i++) {
                parts.add(new Plan.Assignment(
                        new VmId("vm-" + next++),
                        new HostId("host"),
                        "",
                        "",
                        List.of(new Plan.Hop(Fleets.OLD, "10.0.2", Fleets.NEW, List.of())),
                        Duration.ofSeconds(1)));
            }
            waves.add(new Plan.Wave("wave-" + waves.size(), Duration.ZERO, false, parts));
        }
        return waves;
    }
}
