package dev.neurath.testbed;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Runs a command that cleans up after itself also when it is told to end (SIGTERM, Ctrl-C): its thread is interrupted, and its clean-up waited for.
 */
public final class OnTermination {
    /** As a shell has it after Ctrl-C. */
    public static final int EXIT_CODE = 130;

    /** Of a clean-up: processes are killed and waited for, a database is stopped. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private OnTermination() {}

    /** @return the command's exit code */
    public static int cleanUp(IntSupplier command) {
        Thread running = Thread.currentThread();
        var cleanedUp = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            if (cleanedUp.getCount() > 0) {
                running.interrupt();
                await(cleanedUp);
            }
        }));
        try {
            return command.getAsInt();
        } finally {
            cleanedUp.countDown();
        }
    }

    private static void await(CountDownLatch cleanedUp) {
        try {
            if (!cleanedUp.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                System.err.println("neurath: what was started is not ended within " + LIMIT.toSeconds()
                        + " s; look for processes that name a temporary directory of ours");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
