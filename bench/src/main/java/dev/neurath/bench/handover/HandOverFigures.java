package dev.neurath.bench.handover;

import java.util.Map;

/**
 * One hand-over as it was measured.
 *
 * @param pauseMillis STOP of old to RESUME of new, by QEMU's own stamps
 * @param gapMillis the longest silence of the guest around it, seen from outside to the millisecond
 * @param totalMillis from the first thing that is done for it until the guest runs in new and old may be discarded: the total migration time of Clark et al.,
 *     Live Migration of Virtual Machines, NSDI 2005
 * @param oldGoneMillis the same until old is gone; the agent has written that down then, and told of it
 * @param partMillis what all of it is made of, the end of old too
 * @param extraMemoryMiB what new holds for itself; the guest's RAM counts where it is a second one
 * @param extraCpuMillis spent by both QEMUs and whoever leads them, without what guest and watchers spend anyway
 */
record HandOverFigures(
        double pauseMillis,
        double gapMillis,
        double totalMillis,
        double oldGoneMillis,
        Map<Part, Double> partMillis,
        double extraMemoryMiB,
        double extraCpuMillis) {
    HandOverFigures {
        partMillis = Map.copyOf(partMillis);
    }
}
