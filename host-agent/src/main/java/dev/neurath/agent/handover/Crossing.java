package dev.neurath.agent.handover;

import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.process.ProcessSignals.FreezeResult;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The steps after COMMIT by which the guest goes on in new: FREEZE_OLD, CONT_NEW, AWAIT_RUNNING. Each says "failed" only if it is proved that nothing was let
 * run; whoever does not know says "done" and lets the next look decide.
 */
final class Crossing {
    static final Duration FREEZE_LIMIT = Duration.ofMillis(500);
    static final Duration CONT_LIMIT = Duration.ofSeconds(5);
    private static final Duration RUNNING_LIMIT = Duration.ofSeconds(5);

    private final TwoQemus sides;
    private final PauseClock pause;

    Crossing(TwoQemus sides, PauseClock pause) {
        this.sides = sides;
        this.pause = pause;
    }

    /**
     * Frozen too late is not frozen: somebody may have let it run or end just before. Its events say so, and may still lie in the socket or wait for their turn;
     * a frozen process adds none. Nearly always a look at the socket says that there is nothing to wait for.
     */
    Input freezeOld(HandOver attempt) throws IOException, InterruptedException {
        QemuSide old = sides.old();
        Optional<PidFd> handle = old.pidFd();
        FreezeResult result =
                handle.isPresent() ? ProcessSignals.freeze(handle.get(), FREEZE_LIMIT) : FreezeResult.DEAD;
        boolean heardAll = sides.watch().heardAll();
        if (sides.watch().resumed() || sides.watch().shutDown() || sides.watch().upset()) {
            return new Input.Failed(
                    "OLD_RAN", "The running QEMU was continued, reset or shut down just before it was frozen.");
        }
        if (result == FreezeResult.NOT_SEEN_IN_TIME) {
            return new Input.Failed(
                    "OLD_NOT_FROZEN", "Not all tasks of the running QEMU were seen stopped within " + FREEZE_LIMIT);
        }
        // In recovery the way back may be closed, and the table decides. A dead old leaves no way back either.
        boolean goingBackIsSafe = attempt.trouble() == null && result == FreezeResult.FROZEN;
        return goingBackIsSafe && !heardAll
                ? new Input.Failed(
                        "OLD_NOT_HEARD", "The connection to the running QEMU broke before it was seen to stand still.")
                : Input.done();
    }

    Input contNew() throws IOException, InterruptedException, Trial.Refused {
        QemuSide side = sides.theNew();
        if (!side.alive()) {
            return new Input.NotSent();
        }
        QmpConnection connection;
        try {
            connection = side.connect(CONT_LIMIT);
        } catch (IOException e) {
            return new Input.NotSent();
        }
        long resumes = side.resumes();
        pause.letsRun(System.nanoTime());
        try {
            connection.execute("cont", Map.of(), CONT_LIMIT).get(CONT_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
            return Input.done();
        } catch (TimeoutException e) {
            return Input.done();
        } catch (ExecutionException e) {
            return contFailed(side, connection, resumes, e.getCause());
        }
    }

    private static Input contFailed(QemuSide side, QmpConnection connection, long resumes, @Nullable Throwable cause)
            throws InterruptedException {
        if (cause instanceof QmpFailure.Refused refused) {
            Optional<QemuSide.Words> words = side.ask(CONT_LIMIT);
            boolean proved = words.isPresent()
                    && words.get().runState().equals("paused")
                    && connection.unbroken()
                    && side.resumes() == resumes;
            return proved
                    ? new Input.ContRefused("The new QEMU refused to run the guest: " + refused.description())
                    : Input.done();
        }
        if (cause instanceof QmpFailure failure && failure.sent() == QmpFailure.Sent.NOT_SENT) {
            return new Input.NotSent();
        }
        return Input.done();
    }

    Input awaitRunning() throws IOException, InterruptedException, Trial.Refused {
        QemuSide side = sides.theNew();
        long end = System.nanoTime() + RUNNING_LIMIT.toNanos();
        while (System.nanoTime() - end < 0) {
            Optional<QemuSide.Words> words = side.ask(Duration.ofSeconds(1));
            if (words.isPresent() && sides.newStatus(Role.HAND_OVER, words) == NewStatus.RUN) {
                pause.resumed(side.lastResume(), System.nanoTime());
                return Input.done();
            }
            if (!side.alive()) {
                return new Input.Failed("NEW_DIED_RUNNING", "The new QEMU died after it was told to run.");
            }
        }
        return new Input.Failed("NEW_NOT_SEEN_RUNNING", "The new QEMU was told to run and does not say that it does.");
    }
}
