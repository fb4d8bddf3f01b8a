package dev.neurath.agent.handover;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.model.handover.Input;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The steps by which recovery takes an attempt back, or stops both sides: CANCEL_OLD, KILL_NEW, THAW_OLD, CONT_OLD, FREEZE_BOTH. When each of them is allowed
 * the table of recovery says.
 */
final class WayBack {
    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(2);

    private final TwoQemus sides;
    private final PauseClock pause;

    WayBack(TwoQemus sides, PauseClock pause) {
        this.sides = sides;
        this.pause = pause;
    }

    void cancelOld() throws IOException, InterruptedException {
        try {
            sides.old().execute("migrate_cancel", Map.of(), CANCEL_LIMIT);
        } catch (QmpFailure e) {
            if (e.reason() == QmpFailure.Reason.TIMED_OUT) {
                yankOld(e);
            } else {
                throw e;
            }
        }
    }

    /** The monitor hangs in a write to a receiver that does not read: only an out-of-band command is still heard. */
    private void yankOld(QmpFailure cause) throws IOException, InterruptedException {
        QmpConnection connection = sides.old().connect(CANCEL_LIMIT);
        if (!connection.outOfBand()) {
            throw cause;
        }
        QemuSide.await(
                connection.executeOutOfBand(
                        "yank", Map.of("instances", List.of(Map.of("type", "migration"))), CANCEL_LIMIT),
                CANCEL_LIMIT.multipliedBy(2));
    }

    Input killNew() throws IOException {
        if (sides.oldDiedSinceLook()) {
            return new Input.Failed("OLD_DIED", "The running QEMU died while the attempt was being undone.");
        }
        sides.killNew();
        return Input.done();
    }

    void thawOld() throws IOException {
        Optional<PidFd> handle = sides.old().pidFd();
        if (handle.isPresent()) {
            handle.get().signal(Linux.SIGCONT);
        }
    }

    Input contOld() throws IOException, InterruptedException {
        QemuSide old = sides.old();
        pause.letsRun(System.nanoTime());
        old.execute("cont", Map.of(), Crossing.CONT_LIMIT);
        Optional<QemuSide.Words> words = old.ask(QemuSide.QUERY_LIMIT);
        if (words.isPresent() && words.get().runState().equals("running")) {
            pause.resumed(sides.watch().resumed() ? old.lastResume() : Optional.empty(), System.nanoTime());
            return Input.done();
        }
        return new Input.Failed(
                "OLD_NOT_SEEN_RUNNING", "The old QEMU was told to go on and does not say that it does.");
    }

    void freezeBoth() throws IOException {
        sides.findNew();
        for (QemuSide side :
                sides.fresh().map(fresh -> List.of(sides.old(), fresh)).orElse(List.of(sides.old()))) {
            if (side.pidFd().isPresent()) {
                ProcessSignals.freeze(side.pidFd().get(), Crossing.FREEZE_LIMIT);
            }
        }
    }
}
