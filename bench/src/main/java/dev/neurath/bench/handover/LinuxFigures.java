package dev.neurath.bench.handover;

import org.jspecify.annotations.Nullable;

/**
 * One hand-over of a Linux guest, beside the same guest left alone for as long.
 *
 * @param pauseMillis STOP of old to RESUME of new, by QEMU's own stamps
 */
record LinuxFigures(double pauseMillis, Stretch moved, Stretch alone) {

    /**
     * What was seen of the guest from outside for a while.
     *
     * @param linesGapMillis the longest time between two lines of its console, of which it writes some ten a second
     * @param pings null where no tap device could be made
     */
    record Stretch(double linesGapMillis, Pings.@Nullable Seen pings) {
        double silenceMillis() {
            return pings == null ? 0 : pings.silenceMillis();
        }

        double sent() {
            return pings == null ? 0 : pings.sent();
        }

        double lost() {
            return pings == null ? 0 : pings.lost();
        }
    }
}
