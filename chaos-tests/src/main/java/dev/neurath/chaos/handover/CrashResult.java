package dev.neurath.chaos.handover;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What became of one cell's guest, seen from outside.
 *
 * @param told the last event of the VM
 * @param gap the longest silence between two beats from the order to the end
 * @param beatsAfter beats counted after the attempt's end; 0 for a guest that is gone
 * @param problems everything that must not be; empty is what every cell has to end with
 */
public record CrashResult(
        CrashCell cell,
        CrashCell.End end,
        String told,
        Optional<Duration> gap,
        long beatsAfter,
        List<String> problems) {
    public CrashResult {
        problems = List.copyOf(problems);
    }
}
