package dev.neurath.coordinator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WakeQueueTest {
    private final List<Integer> woken = new ArrayList<>();
    private final WakeQueue queue = new WakeQueue();

    @Test
    void a_round_that_is_slower_than_the_next_one_comes_reaches_its_end() {
        for (int round = 0; round < 3; round++) {
            queue.begin(() -> wake(5));
            queue.run(2);
        }
        assertThat(woken).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void when_a_node_has_gone_everybody_is_woken_once_more_after_the_round_under_way() {
        queue.begin(() -> wake(3));
        assertThat(queue.run(2)).isTrue();
        queue.again();
        queue.begin(() -> wake(3));
        assertThat(queue.run(2)).isTrue();
        assertThat(queue.run(3)).isFalse();
        assertThat(woken).containsExactly(1, 2, 3, 1, 2, 3);
    }

    private List<Runnable> wake(int many) {
        return IntStream.rangeClosed(1, many)
                .<Runnable>mapToObj(n -> () -> woken.add(n))
                .toList();
    }
}
