package dev.neurath.coordinator.rollout;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is still to be woken.
 *
 * <p>A round that is under way is finished before the next one begins, however long it takes: begun from the front each time, it would never reach its
 * end.
 */
final class WakeQueue {
    private final ArrayDeque<Runnable> due = new ArrayDeque<>();
    private @Nullable Supplier<List<Runnable>> round;
    private boolean again;

    /** Begins a round, unless one is under way. */
    void begin(Supplier<List<Runnable>> unfinished) {
        round = unfinished;
        if (due.isEmpty()) {
            again = false;
            due.addAll(unfinished.get());
        }
    }

    /** Another round follows at once on the one that is under way. */
    void again() {
        again = !due.isEmpty();
    }

    /** @return true if somebody is still to be woken */
    boolean run(long many) {
        for (long woken = 0; woken < many && !due.isEmpty(); woken++) {
            due.remove().run();
        }
        if (due.isEmpty() && again && round != null) {
            again = false;
            due.addAll(round.get());
        }
        return !due.isEmpty();
    }
}
