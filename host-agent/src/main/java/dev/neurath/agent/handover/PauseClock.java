package dev.neurath.agent.handover;

import dev.neurath.model.vm.Pause;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long an attempt kept the guest stopped, on the monotonic clock that QMP events are stamped with. It never makes a number up: what another
 * incarnation of the agent began is known only to have lasted at least so long.
 */
final class PauseClock {
    private @Nullable Long stopped;
    private @Nullable Long resumed;
    private @Nullable Long committedBefore;

    /** A STOP of the side that ran was received. */
    void stopped(long nanos) {
        if (stopped == null) {
            stopped = nanos;
        }
    }

    /** The agent was restarted, and COMMIT had been written then: the guest stood still. */
    void inherited(long committedNanos) {
        committedBefore = committedNanos;
    }

    /** A RESUME of either side was received, or it was seen running. */
    void resumed(long nanos) {
        if (resumed == null) {
            resumed = nanos;
        }
    }

    /** @param mayHaveStopped the guest may have been stopped by an incarnation that did not live to tell */
    Pause reading(boolean mayHaveStopped) {
        if (stopped != null && resumed != null && resumed >= stopped) {
            return new Pause.Measured(Duration.ofNanos(resumed - stopped));
        }
        if (committedBefore != null && resumed != null) {
            return new Pause.Unknown(Duration.ofNanos(Math.max(0, resumed - committedBefore)));
        }
        return mayHaveStopped ? new Pause.Unknown(Duration.ZERO) : new Pause.None();
    }
}
