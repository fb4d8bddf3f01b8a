package dev.neurath.vm;

import com.typesafe.config.Config;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.VmPhase;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Section {@code neurath.vm} of the configuration; reference.conf says what each value means and where it came from. */
public record VmSettings(
        Duration repeatInterval,
        Duration repeatIntervalMax,
        Duration preparing,
        Duration switching,
        Duration verifying,
        Duration idleAfter,
        Duration restartBackoff,
        Duration restartBackoffMax,
        int snapshotEvery,
        Duration askTimeout) {

    /** @param config the whole configuration */
    public static VmSettings of(Config config) {
        Config vm = config.getConfig("neurath.vm");
        return new VmSettings(
                vm.getDuration("repeat-interval"),
                vm.getDuration("repeat-interval-max"),
                vm.getDuration("deadline.preparing"),
                vm.getDuration("deadline.switching"),
                vm.getDuration("deadline.verifying"),
                vm.getDuration("idle-after"),
                vm.getDuration("restart-backoff"),
                vm.getDuration("restart-backoff-max"),
                vm.getInt("snapshot-every"),
                vm.getDuration("ask-timeout"));
    }

    /** @param repetitions so far */
    Duration repeatAfter(int repetitions) {
        // 2^10 of the smallest sensible interval is beyond any maximum, and shifting further would overflow.
        Duration doubled = repeatInterval.multipliedBy(1L << Math.min(repetitions, 10));
        return doubled.compareTo(repeatIntervalMax) < 0 ? doubled : repeatIntervalMax;
    }

    /** @return how long {@code phase} may last */
    Duration deadline(VmPhase phase, @Nullable Attempt attempt) {
        return switch (phase) {
            case PREPARING -> preparing;
            case SWITCHING -> attempt == null ? switching : switching.plus(attempt.pauseLimit());
            case VERIFYING -> verifying;
            case ABSENT, STARTING, STEADY, READY, UNCERTAIN, QUARANTINED, STOPPING, GONE, LOST ->
                throw new IllegalArgumentException("phase " + phase + " has no deadline");
        };
    }
}
