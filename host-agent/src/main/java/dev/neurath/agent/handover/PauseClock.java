package dev.neurath.agent.handover;

import dev.neurath.agent.qmp.QmpEvent;
import dev.neurath.model.vm.Pause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long an attempt kept the guest stopped: from STOP to the RESUME of whichever side ran next. It never makes a number up, and never says that a
 * pause was shorter than it may have been; what another incarnation of the agent began is known only to have lasted at least so long.
 *
 * <p>QEMU stamps both events itself, on the wall clock of the one host; their receipt is stamped here, on the monotonic clock. Receipts alone are no
 * measure: two events that come in one batch are received at the same instant (0.03 ms was once read off a pause of milliseconds). So QEMU's stamps
 * are subtracted, as long as the difference is possible:
 *
 * <pre>
 *   the guest runs, and the command that stops it is sent  ..  STOP is received
 *   `cont` is sent  ..  RESUME is received, or the guest is seen running
 *   so the pause is at least: `cont` sent - STOP received, at most: RESUME received - command sent
 * </pre>
 *
 * <p>A wall clock that is set within the pause breaks these bounds, or the error is smaller than they are apart: the few milliseconds before STOP and
 * after `cont`. Where they are broken, or a stamp is missing, "at most" is reported.
 */
final class PauseClock {
    /** Of the stamps, both rounded down. */
    private static final Duration RESOLUTION = Duration.ofNanos(1000);

    private long runningNanos;
    private @Nullable QmpEvent stopped;
    private @Nullable Long letRunNanos;
    private @Nullable Long resumedNanos;
    private Optional<Instant> resumed = Optional.empty();
    private @Nullable Long committedBefore;

    /** @param runningNanos a moment before anything was done that could stop the guest */
    PauseClock(long runningNanos) {
        this.runningNanos = runningNanos;
    }

    /** What stops the guest is about to be sent; it still runs. */
    void stops(long nanos) {
        if (stopped == null) {
            runningNanos = nanos;
        }
    }

    /** The STOP of the side that ran. */
    void stopped(QmpEvent stop) {
        if (stopped == null) {
            stopped = stop;
        }
    }

    /** A `cont` is about to be sent, to whichever side. */
    void letsRun(long nanos) {
        if (letRunNanos == null) {
            letRunNanos = nanos;
        }
    }

    /** The agent was restarted, and COMMIT had been written then: the guest stood still. */
    void inherited(long committedNanos) {
        committedBefore = committedNanos;
    }

    /**
     * @param resume the RESUME of the side that runs, if it was heard
     * @param seenNanos when it was seen running, if it was not
     */
    void resumed(Optional<QmpEvent> resume, long seenNanos) {
        if (resumedNanos == null) {
            resumedNanos = resume.map(QmpEvent::receivedNanos).orElse(seenNanos);
            resumed = resume.flatMap(QmpEvent::emitted);
        }
    }

    /** @param mayHaveStopped the guest may have been stopped by an incarnation that did not live to tell */
    Pause reading(boolean mayHaveStopped) {
        if (stopped != null && resumedNanos != null) {
            return new Pause.Measured(measured(stopped, resumedNanos));
        }
        if (committedBefore != null && resumedNanos != null) {
            return new Pause.Unknown(Duration.ofNanos(Math.max(0, resumedNanos - committedBefore)));
        }
        return mayHaveStopped ? new Pause.Unknown(Duration.ZERO) : new Pause.None();
    }

    private Duration measured(QmpEvent stop, long resumedNanos) {
        Duration atMost = Duration.ofNanos(Math.max(0, resumedNanos - runningNanos));
        // A side that goes on by itself was sent nothing: then only "not negative" is sure.
        long atLeastNanos = letRunNanos == null ? 0 : Math.max(0, letRunNanos - stop.receivedNanos());
        if (stop.emitted().isEmpty() || resumed.isEmpty()) {
            return atMost;
        }
        Duration stamped = Duration.between(stop.emitted().get(), resumed.get());
        boolean possible = stamped.compareTo(atMost.plus(RESOLUTION)) <= 0
                && stamped.compareTo(Duration.ofNanos(atLeastNanos).minus(RESOLUTION)) >= 0
                && !stamped.isNegative();
        return possible ? stamped : atMost;
    }
}
