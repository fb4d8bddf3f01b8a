package dev.neurath.cli.live;

import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.Console;
import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.OutputFormat;
import dev.neurath.cli.output.Printer;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutPhase;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one rollout until it has ended, and shows what it sees: repainted on a terminal, a line per change in a log, an object per
 * change for scripts.
 *
 * <p>It only reads: leaving it changes nothing about the rollout, which Ctrl-C says.
 */
public final class RolloutFollower {
    /** Slower than a hand-over takes, faster than a human reads. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);
    /** How long no node may answer: longer than a cluster takes to replace a dead node. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Console console;
    private final Printer printer;
    private final boolean silent;
    private boolean farewell = true;
    private boolean paused;

    public RolloutFollower(Console console, Printer printer, boolean silent) {
        this.console = console;
        this.printer = printer;
        this.silent = silent;
    }

    /** For whoever ends the coordinator together with itself: its rollout does not continue. */
    public RolloutFollower withoutFarewell() {
        farewell = false;
        return this;
    }

    /** The exit code that the rollout's end means; {@link ExitCode#GAVE_UP_WAITING} after {@code limit}. */
    public int follow(String id, Supplier<Rollout> look, @Nullable Duration limit) {
        long started = System.nanoTime();
        Thread hook = Thread.ofPlatform()
                .unstarted(() -> console.err()
                        .println("\nneurath: the rollout " + id + " continues. Look again: neurath rollout show -w "
                                + id + "   Stop it: neurath rollout pause " + id));
        if (farewell) {
            Runtime.getRuntime().addShutdownHook(hook);
        }
        try {
            Frames frames = frames();
            while (true) {
                Optional<Rollout> seen = lookPatiently(look, limit == null ? null : left(limit, started));
                if (seen.isEmpty()) {
                    console.err().println("neurath: gave up waiting; no node says how " + id + " does");
                    return ExitCode.GAVE_UP_WAITING;
                }
                Rollout rollout = seen.get();
                frames.show(rollout);
                sayWhenPaused(rollout);
                if (hasEnded(rollout.getPhase())) {
                    frames.end(rollout);
                    return exitCode(rollout.getPhase());
                }
                if (limit != null && System.nanoTime() - started > limit.toNanos()) {
                    console.err()
                            .println("neurath: gave up waiting; " + id + " is " + Documents.word(rollout.getPhase())
                                    + " and goes on");
                    return ExitCode.GAVE_UP_WAITING;
                }
                LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            }
        } finally {
            forget(hook);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // Ctrl-C came first: the hook has its say.
            return;
        }
    }

    private static Duration left(Duration limit, long started) {
        return limit.minusNanos(System.nanoTime() - started);
    }

    /** Nothing happens any more until somebody does something: whoever waits has to be told. */
    private void sayWhenPaused(Rollout rollout) {
        boolean isPaused = rollout.getPhase() == RolloutPhase.ROLLOUT_PHASE_PAUSED;
        if (isPaused && !paused) {
            String id = rollout.getId();
            console.err()
                    .println("neurath: " + id + " is PAUSED: " + rollout.getReason() + "   neurath explain " + id
                            + "   neurath rollout resume " + id + "   neurath rollout abort " + id);
        }
        paused = isPaused;
    }

    /**
     * @param limit the caller's own, or null
     * @return empty if no node could be reached for that long
     */
    private Optional<Rollout> lookPatiently(Supplier<Rollout> look, @Nullable Duration limit) {
        Duration longest = limit == null ? PATIENCE : limit;
        long began = System.nanoTime();
        boolean said = false;
        while (true) {
            try {
                return Optional.of(look.get());
            } catch (CliFailure failure) {
                if (!failure.isUnreachable()) {
                    throw failure;
                }
                if (System.nanoTime() - began > longest.toNanos()) {
                    if (limit == null) {
                        throw failure;
                    }
                    return Optional.empty();
                }
                if (!said) {
                    console.err().println("neurath: " + failure.getMessage() + "; trying again");
                    said = true;
                }
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
        }
    }

    public static boolean hasEnded(RolloutPhase phase) {
        return switch (phase) {
            case ROLLOUT_PHASE_COMPLETE, ROLLOUT_PHASE_ABORTED, ROLLOUT_PHASE_FAILED -> true;
            case ROLLOUT_PHASE_RUNNING,
                    ROLLOUT_PHASE_BAKING,
                    ROLLOUT_PHASE_PAUSED,
                    ROLLOUT_PHASE_ABORTING,
                    ROLLOUT_PHASE_UNSPECIFIED,
                    UNRECOGNIZED -> false;
        };
    }

    public static int exitCode(RolloutPhase phase) {
        return phase == RolloutPhase.ROLLOUT_PHASE_ABORTED || phase == RolloutPhase.ROLLOUT_PHASE_FAILED
                ? ExitCode.ROLLOUT_FAILED
                : ExitCode.OK;
    }

    private interface Frames {
        void show(Rollout rollout);

        void end(Rollout rollout);
    }

    private Frames frames() {
        if (silent) {
            return new AtTheEnd();
        }
        if (printer.format().isDocument()) {
            return new Objects();
        }
        return console.outIsTerminal() ? new Painted() : new Lines();
    }

    private final class AtTheEnd implements Frames {
        @Override
        public void show(Rollout rollout) {}

        @Override
        public void end(Rollout rollout) {
            RolloutView view = new RolloutView(console.zone());
            printer.one(
                    "Rollout",
                    rollout,
                    () -> printer.format() == OutputFormat.wide
                            ? view.wide(rollout)
                            : view.lines(rollout, Integer.MAX_VALUE));
        }
    }

    private final class Objects implements Frames {
        private @Nullable Rollout last;

        @Override
        public void show(Rollout rollout) {
            if (!rollout.equals(last)) {
                printer.streamed(Documents.of("Rollout", rollout));
            }
            last = rollout;
        }

        @Override
        public void end(Rollout rollout) {}
    }

    private final class Painted implements Frames {
        private final Screen screen = new Screen(console);
        private final RolloutView view = new RolloutView(console.zone());

        @Override
        public void show(Rollout rollout) {
            Console.Size size = console.size();
            screen.paint(view.lines(rollout, Math.max(1, size.rows() - 1)), size.columns());
        }

        @Override
        public void end(Rollout rollout) {}
    }

    private final class Lines implements Frames {
        private final RolloutChanges changes = new RolloutChanges();

        @Override
        public void show(Rollout rollout) {
            changes.next(rollout).forEach(console.out()::println);
            console.out().flush();
        }

        @Override
        public void end(Rollout rollout) {
            printer.lines(new RolloutView(console.zone()).lines(rollout, Integer.MAX_VALUE));
        }
    }
}
