package dev.neurath.agent.handover;

import dev.neurath.model.handover.OldStatus;
import java.io.IOException;
import java.time.Duration;

/**
 * What this incarnation of the agent can prove about old's standing still.
 *
 * <p>QEMU writes RESUME to its control connection before the guest's first instruction, whoever lets it run, and what a process had written can be read after
 * its death. So whoever has seen it stopped, and read one and the same connection from then on without finding RESUME, knows that it did not run. After another
 * connection nothing is known until it is seen stopped again.
 */
final class OldWatch {
    /** QEMU is asked nothing; at most a thread or two have to be woken. */
    static final Duration HEARING_LIMIT = Duration.ofMillis(500);

    private final QemuSide old;
    private long connection;
    private long stops;
    private long resumes;
    private long shutdowns;
    private long upsets;
    private boolean seenStopped;

    OldWatch(QemuSide old) {
        this.old = old;
        begin();
    }

    /**
     * BEGIN is about to be written: a QEMU that pauses instead of ending (`-no-shutdown`) may have said SHUTDOWN long before. An attempt that was
     * found open never comes here, and all that its connection has said came after its BEGIN.
     */
    void attemptBegins() {
        shutdowns = old.shutdowns();
    }

    /** From here on: a STOP that comes now is the one that counts. */
    void begin() {
        connection = old.connections();
        stops = old.stops();
        resumes = old.resumes();
        upsets = old.upsets();
        seenStopped = false;
    }

    /** What to compare with after a look. */
    record Before(long connection, long resumes) {}

    Before beforeLook() {
        return new Before(old.connections(), old.resumes());
    }

    /** Only POST proves a stop by a migration, and only if nothing happened between the question and the answer. */
    void looked(OldStatus seen, Before before) {
        if (seen != OldStatus.POST || !beforeLook().equals(before)) {
            return;
        }
        if (connection != before.connection()) {
            connection = before.connection();
            stops = old.stops();
            resumes = before.resumes();
        }
        seenStopped = true;
        old.standsStill();
    }

    /** @return the first STOP since the beginning was received */
    boolean stopped() {
        return old.stops() > stops;
    }

    boolean resumed() {
        return old.resumes() > resumes;
    }

    /** @return true if a SHUTDOWN came since BEGIN */
    boolean shutDown() {
        return old.shutdowns() > shutdowns;
    }

    /** @return true if it was changed while it ran, or reset, since the beginning; a reset rewrites memory that new sees too */
    boolean upset() {
        return old.upsets() > upsets;
    }

    /**
     * Of an old that is frozen, and so says nothing more: waits until all that it had said is counted.
     *
     * @return false if something may have been missed since the beginning
     */
    boolean heardAll() throws InterruptedException {
        return old.hearOut(HEARING_LIMIT) && unbroken();
    }

    /** @return true if one connection has stood since the beginning */
    boolean unbroken() {
        return old.unbroken() && old.connections() == connection;
    }

    /** @return true if old, which is dead, never ran after it was stopped; false if it did or nobody knows */
    boolean stoodToItsEnd() throws InterruptedException, IOException {
        if (old.alive() || !old.hearOut(HEARING_LIMIT)) {
            return false;
        }
        return old.connections() == connection && old.heardToItsEnd() && (seenStopped || stopped()) && !resumed();
    }
}
