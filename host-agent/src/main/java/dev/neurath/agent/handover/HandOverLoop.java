package dev.neurath.agent.handover;

import dev.neurath.model.VmId;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.HandOverRules;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.Step;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one attempt from its first step to REPORT, on a thread of its own: perform, ask the rules, perform. It keeps nothing that the rules do not
 * know, and leaves what is reported and acknowledged to the VM it belongs to.
 */
public final class HandOverLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(HandOverLoop.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(50);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    /** Told of every step, in order, on the attempt's thread. */
    public interface Observer {
        void moved(HandOver attempt);
    }

    private final VmId vm;
    private final HandOverSteps steps;
    private final HoldPoints holds;
    private final Duration lease;
    private final Observer observer;
    private final BlockingQueue<Input> arrivals = new LinkedBlockingQueue<>();
    private volatile HandOver attempt;
    private Duration wait = FIRST_WAIT;

    public HandOverLoop(
            VmId vm, HandOver attempt, HandOverSteps steps, HoldPoints holds, Duration lease, Observer observer) {
        this.vm = vm;
        this.attempt = attempt;
        this.steps = steps;
        this.holds = holds;
        this.lease = lease;
        this.observer = observer;
    }

    /** Where it stands now; may be one step behind. */
    public HandOver attempt() {
        return attempt;
    }

    /** {@link Input.SwitchOrdered} or {@link Input.CloseRequested}, from any thread. */
    public void deliver(Input input) {
        arrivals.add(input);
    }

    @Override
    public void run() {
        try {
            boolean told = false;
            while (!told || !isOver(attempt)) {
                try {
                    if (told) {
                        moveOn();
                    }
                    observer.moved(attempt);
                    told = true;
                } catch (RuntimeException | Error e) {
                    // Nobody else would end this attempt, and a guest may stand still.
                    LOG.error("VM {} generation {} at {}: looked at anew", vm, attempt.generation(), attempt.step(), e);
                    attempt = afterError(attempt, e);
                    told = false;
                    TimeUnit.NANOSECONDS.sleep(nextWait().toNanos());
                }
            }
        } catch (InterruptedException e) {
            // The agent ends: what is open is found in the log at its next start.
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isOver(HandOver attempt) {
        return attempt.step() == Step.REPORT || attempt.step() == Step.CLOSED;
    }

    private void moveOn() throws InterruptedException {
        HandOver next = HandOverRules.next(attempt, performed());
        for (Input arrived = arrivals.poll(); arrived != null; arrived = arrivals.poll()) {
            next = HandOverRules.next(next, arrived);
        }
        boolean again = next.step() == attempt.step() && next.step() != Step.HOLD_READY;
        attempt = next;
        if (again) {
            // What failed at once would fail at once again.
            waited();
        }
    }

    /**
     * As if the agent had been restarted: both processes are looked at. A record that was being written may be there, so it is written again before anything
     * else, and an ending that is decided stays decided.
     */
    private static HandOver afterError(HandOver now, Throwable error) {
        boolean sameStep = switch (now.step()) {
            case LOG_BEGIN, LOG_SWITCH, LOG_COMMIT, LOG_UNDO, LOG_QUARANTINE -> true;
            default -> now.ending() != null;
        };
        if (sameStep) {
            return now;
        }
        HandOver anew = HandOver.recovered(now.generation(), now.role(), now.method(), now.mark(), now.switched());
        HandOver.Trouble first = now.trouble();
        return new HandOver(
                anew.generation(),
                anew.role(),
                anew.method(),
                anew.step(),
                anew.mark(),
                anew.switched(),
                anew.closing(),
                anew.proof(),
                anew.cancelSent(),
                anew.waits(),
                first == null ? new HandOver.Trouble("INTERNAL", "The agent failed by itself: " + error) : first,
                anew.ending());
    }

    private Input performed() throws InterruptedException {
        HandOver now = attempt;
        holds.before(vm, now.generation(), now.step());
        Input input = switch (now.step()) {
            case HOLD_READY -> heldReady();
            case WAIT -> waited();
            default -> steps.perform(now);
        };
        holds.after(vm, now.generation(), now.step());
        LOG.debug("VM {} generation {}: {} -> {}", vm, now.generation(), now.step(), input);
        return input;
    }

    private Input heldReady() throws InterruptedException {
        Input arrived = arrivals.poll(lease.toNanos(), TimeUnit.NANOSECONDS);
        return arrived != null
                ? arrived
                : new Input.Failed("LEASE_EXPIRED", "No order to switch came within " + lease.toSeconds() + " s.");
    }

    private Duration nextWait() {
        Duration now = wait;
        wait = now.multipliedBy(2).compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : now.multipliedBy(2);
        return now;
    }

    private Input waited() throws InterruptedException {
        Input arrived = arrivals.poll(nextWait().toNanos(), TimeUnit.NANOSECONDS);
        if (arrived != null) {
            attempt = HandOverRules.next(attempt, arrived);
        }
        return Input.done();
    }
}
