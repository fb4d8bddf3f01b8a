package dev.neurath.model.rollout;

import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How long guests will stand still, judged by how long they did: the measured pause of every VM of the fleet whose last attempt handed it over. What was not
 * measured does not count, and few are not taken for many: the band is then all of them.
 *
 * @param low nineteen of twenty took longer, so nine of ten lie between it and {@code high}
 * @param high nineteen of twenty took less
 * @param measured how many it is judged by
 */
public record ExpectedPause(Duration low, Duration median, Duration high, int measured) {
    private static final double TAIL = 0.05;

    public static Optional<ExpectedPause> of(List<VmState> vms) {
        List<Duration> pauses = vms.stream()
                .filter(ExpectedPause::handedOver)
                .map(VmState::pause)
                .filter(Pause.Measured.class::isInstance)
                .map(pause -> ((Pause.Measured) pause).duration())
                .sorted()
                .toList();
        if (pauses.isEmpty()) {
            return Optional.empty();
        }
        int last = pauses.size() - 1;
        int tail = (int) (TAIL * last);
        return Optional.of(new ExpectedPause(
                pauses.get(tail), pauses.get(pauses.size() / 2), pauses.get(last - tail), pauses.size()));
    }

    /** Only two events bring a pause: the one that hands over, and the one that rolls back, which also ends the attempt. */
    private static boolean handedOver(VmState vm) {
        return !(vm.lastEnd() instanceof VmEvent.RolledBack);
    }
}
