package dev.neurath.chaos.nodes;

import dev.neurath.cli.CliFailure;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what other processes do, and never longer than it is told. */
final class Patience {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    private Patience() {}

    static void pause(Duration length) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(length.toNanos());
    }

    static void await(String what, Duration limit, BooleanSupplier condition) throws InterruptedException {
        if (!holdsWithin(limit, condition)) {
            throw new IllegalStateException(what + ": not within " + limit.toSeconds() + " s");
        }
    }

    static boolean holdsWithin(Duration limit, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                if (condition.getAsBoolean()) {
                    return true;
                }
            } catch (CliFailure nobodyAnswers) {
                // For a moment no node may serve; that it does not stay so is what is waited for.
                if (System.nanoTime() - end > 0) {
                    throw nobodyAnswers;
                }
            }
            if (System.nanoTime() - end > 0) {
                return false;
            }
            pause(BETWEEN_LOOKS);
        }
    }
}
