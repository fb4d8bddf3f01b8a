package dev.neurath.agent.handover;

import dev.neurath.agent.log.LogFailure;
import dev.neurath.agent.log.LogRecord.Kind;
import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessProbe;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.process.ProcessSignals.FreezeResult;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.model.Generation;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.OldStatus;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.SideStatus;
import dev.neurath.model.handover.Sides;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Performs an attempt's steps on two real QEMU processes. It answers what was seen and never decides what comes next; a step that throws is a step whose
 * effect nobody knows.
 */
public final class QemuSteps implements HandOverSteps {
    private static final Duration FREEZE_LIMIT = Duration.ofMillis(500);
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(10);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(15);
    private static final Duration CONNECT_PACE = Duration.ofSeconds(2);
    private static final Duration RUNNING_LIMIT = Duration.ofSeconds(5);
    private static final Duration CONT_LIMIT = Duration.ofSeconds(5);

    /** What the VM does when an attempt changes what is true of it. */
    public interface Effects {
        /** DONE(UPGRADED) is durable: this process is the VM now. */
        void becomes(Trial trial, QemuSide fresh, Outcome.Upgraded outcome) throws IOException;

        /** Rename the shadow paths over the public ones; may be repeated. */
        void publish(Trial trial) throws IOException;

        /** The shadow paths, sockets and files of a new QEMU that came to nothing. */
        void discard(Trial trial) throws IOException;
    }

    private final Trial trial;
    private final AttemptLog log;
    private final QemuSide old;
    private final QmpConnector connector;
    private final Trial.Launcher launcher;
    private final Effects effects;
    private final HoldPoints holds;
    private final PauseClock pause;
    private final Checks checks = new Checks();
    private final OldWatch watch;
    private @Nullable QemuSide fresh;
    private Outcome.Footprint footprint = Outcome.Footprint.UNKNOWN;
    private boolean oldLivedAtLook;

    public QemuSteps(
            Trial trial,
            AttemptLog log,
            QemuSide old,
            QmpConnector connector,
            Trial.Launcher launcher,
            Effects effects,
            HoldPoints holds) {
        this.trial = trial;
        this.log = log;
        this.old = old;
        this.connector = connector;
        this.launcher = launcher;
        this.effects = effects;
        this.holds = holds;
        // The connection outlives attempts: what an earlier one stopped and resumed is not this one's pause.
        this.watch = new OldWatch(old);
        this.pause = new PauseClock(System.nanoTime());
    }

    @Override
    public Input perform(HandOver attempt) throws InterruptedException {
        try {
            return performed(attempt);
        } catch (Trial.Refused e) {
            return new Input.Failed(e.code(), e.sentence());
        } catch (QmpFailure e) {
            return new Input.Failed("QMP_" + e.reason(), String.valueOf(e.getMessage()));
        } catch (LogFailure e) {
            return new Input.Failed(e.reason().name(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Input.Failed("IO_ERROR", attempt.step().label() + ": " + e);
        }
    }

    private Input performed(HandOver attempt) throws IOException, InterruptedException, Trial.Refused {
        Generation g = attempt.generation();
        switch (attempt.step()) {
            case LOG_BEGIN -> log.begin(trial, attempt.role(), ProcessIdentity.currentBootId());
            case CHECK_OLD -> checks.old(trial, old);
            case START_NEW -> startNew(attempt.method());
            case OPEN_CHANNEL -> Transfer.openChannel(old, theNew(), trial.paths(), stream());
            case CHECK_NEW -> checkNew(attempt.method());
            case CHECK_GUEST -> checkGuest();
            case LOG_SWITCH -> mark(Kind.SWITCH, g);
            case CONNECT_NEW -> connectNew();
            case SEND_OLD -> {
                pause.stops(System.nanoTime());
                Transfer.sendOld(old, stream());
            }
            case AWAIT_STAGED -> {
                return awaitStaged();
            }
            case LOG_COMMIT -> mark(Kind.COMMIT, g);
            case FREEZE_OLD -> {
                return freezeOld(attempt);
            }
            case CONT_NEW -> {
                return contNew();
            }
            case AWAIT_RUNNING -> {
                return awaitRunning();
            }
            case KILL_OLD -> kill(old);
            case REHEARSE ->
                throw new Trial.Refused("REHEARSAL_UNAVAILABLE", "This agent does not rehearse hand-overs.");
            case OBSERVE -> {
                return observe(attempt);
            }
            case LOG_UNDO -> mark(Kind.UNDO, g);
            case CANCEL_OLD -> cancelOld();
            case KILL_NEW -> {
                return killNew();
            }
            case THAW_OLD -> thawOld();
            case CONT_OLD -> {
                return contOld();
            }
            case LOG_QUARANTINE -> mark(Kind.QUARANTINE, g);
            case FREEZE_BOTH -> freezeBoth();
            case RESET_SURVIVOR -> resetSurvivor(attempt);
            case LOG_DONE -> logDone(attempt);
            case PUBLISH -> effects.publish(trial);
            case HOLD_READY, WAIT, REPORT, CLOSED ->
                throw new IllegalStateException(attempt.step() + " is not performed on a QEMU");
        }
        return Input.done();
    }

    private void mark(Kind kind, Generation g) throws LogFailure {
        log.mark(kind, g, System.nanoTime());
    }

    private java.nio.file.Path stream() {
        return holds.stream(trial.vm(), trial.attempt().generation(), trial.paths().stream());
    }

    private QemuSide theNew() throws Trial.Refused {
        if (fresh == null) {
            throw new Trial.Refused("NEW_NOT_STARTED", "There is no new QEMU.");
        }
        return fresh;
    }

    private void startNew(Method method) throws IOException, InterruptedException, Trial.Refused {
        ProcessIdentity identity = launcher.launch(trial, holds);
        fresh = QemuSide.of(identity, trial.paths().control(), connector);
        // With cpr-transfer the new QEMU answers only once it has its memory, in OPEN_CHANNEL.
        if (method == Method.SHARED_RAM) {
            connectOrSay(fresh);
        }
    }

    /** Looks between tries whether it lives: a new QEMU that ended is not waited for. */
    private void connectOrSay(QemuSide side) throws IOException, InterruptedException, Trial.Refused {
        long end = System.nanoTime() + CONNECT_LIMIT.toNanos();
        while (true) {
            try {
                side.connect(CONNECT_PACE);
                return;
            } catch (QmpFailure e) {
                if (!side.alive()) {
                    throw new Trial.Refused(
                            "NEW_DIED", "The new QEMU ended before it could be asked anything; see its log.");
                }
                if (System.nanoTime() - end >= 0) {
                    throw new Trial.Refused("NEW_MUTE", "The new QEMU does not answer: " + e.getMessage());
                }
            }
        }
    }

    private void checkNew(Method method) throws IOException, InterruptedException, Trial.Refused {
        QemuSide side = theNew();
        connectOrSay(side);
        checks.fresh(trial, old, side);
        Transfer.prepare(side, method);
        if (method == Method.SHARED_RAM) {
            Transfer.prepare(old, method);
        }
        checks.remember(old);
        long memory = ProcessProbe.memory(side.identity().pid())
                .map(ProcessProbe.Memory::proportionalBytes)
                .orElse(-1L);
        footprint = new Outcome.Footprint(memory, -1);
    }

    private void checkGuest() throws IOException, InterruptedException, Trial.Refused {
        checks.unchanged(old);
        watch.begin();
    }

    private void connectNew() throws IOException, InterruptedException, Trial.Refused {
        QemuSide side = theNew();
        pause.stops(System.nanoTime());
        if (trial.attempt().method() == Method.CPR_TRANSFER) {
            Transfer.connectNew(side, trial.paths());
        } else {
            Transfer.connectNewByUri(side, trial.paths());
        }
    }

    private Input awaitStaged() throws IOException, InterruptedException, Trial.Refused {
        QemuSide side = theNew();
        Input input = Transfer.awaitStaged(old, side, trial.attempt().pauseLimit(), watch);
        noteStop();
        if (!(input instanceof Input.Done)) {
            return input;
        }
        // The events said so; a foreign `cont` may have come after them, so both are asked.
        OldStatus source = oldStatus();
        NewStatus target = newStatus(Role.HAND_OVER);
        return source == OldStatus.POST && target == NewStatus.STAGED
                ? input
                : new Input.Failed(
                        "NOT_STAGED", "After the transfer old was " + source + " and new was " + target + ".");
    }

    private void noteStop() {
        if (watch.stopped()) {
            old.lastStop().ifPresent(pause::stopped);
        }
    }

    /**
     * Frozen too late is not frozen: somebody may have let it run or end just before. Its events say so, and may still lie in the socket or wait for their turn;
     * a frozen process adds none. Waiting for them wakes two threads and asks QEMU nothing: 0.07 ms.
     */
    private Input freezeOld(HandOver attempt) throws IOException, InterruptedException {
        Optional<PidFd> handle = old.pidFd();
        FreezeResult result =
                handle.isPresent() ? ProcessSignals.freeze(handle.get(), FREEZE_LIMIT) : FreezeResult.DEAD;
        boolean heardAll = watch.heardAll();
        if (watch.resumed() || old.shutdownSeen()) {
            return new Input.Failed(
                    "OLD_RAN", "The running QEMU was continued or shut down just before it was frozen.");
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

    private Input contNew() throws IOException, InterruptedException, Trial.Refused {
        QemuSide side = theNew();
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

    private Input contFailed(QemuSide side, QmpConnection connection, long resumes, @Nullable Throwable cause)
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

    private Input awaitRunning() throws IOException, InterruptedException, Trial.Refused {
        QemuSide side = theNew();
        long end = System.nanoTime() + RUNNING_LIMIT.toNanos();
        while (System.nanoTime() - end < 0) {
            Optional<QemuSide.Words> words = side.ask(Duration.ofSeconds(1));
            if (words.isPresent() && newStatus(Role.HAND_OVER, words) == NewStatus.RUN) {
                pause.resumed(side.lastResume(), System.nanoTime());
                long cpu = ProcessProbe.processorTime(side.identity().pid())
                        .map(Duration::toMillis)
                        .orElse(-1L);
                footprint = new Outcome.Footprint(footprint.extraMemoryBytes(), cpu);
                return Input.done();
            }
            if (!side.alive()) {
                return new Input.Failed("NEW_DIED_RUNNING", "The new QEMU died after it was told to run.");
            }
        }
        return new Input.Failed("NEW_NOT_SEEN_RUNNING", "The new QEMU was told to run and does not say that it does.");
    }

    private static void kill(QemuSide side) throws IOException {
        Optional<PidFd> handle = side.pidFd();
        if (handle.isPresent()) {
            handle.get().signal(Linux.SIGKILL);
            if (!handle.get().awaitExit(DEATH_LIMIT)) {
                throw new IOException("process " + side.identity().pid() + " is still there " + DEATH_LIMIT.toSeconds()
                        + " s after SIGKILL");
            }
        }
    }

    private Input observe(HandOver attempt) throws IOException, InterruptedException {
        findNew();
        boolean sameBoot = old.identity().ofThisBoot();
        if (!sameBoot) {
            return new Input.Observed(new Sides(false, OldStatus.DEAD, NewStatus.DEAD, false, false));
        }
        log.committedAt(attempt.generation()).ifPresent(pause::inherited);
        OldStatus source = oldStatus();
        NewStatus target = newStatus(attempt.role());
        noteStop();
        if (source == OldStatus.RUNNING && watch.resumed()) {
            pause.resumed(old.lastResume(), System.nanoTime());
        }
        QemuSide side = fresh;
        if (target == NewStatus.RUN && side != null) {
            pause.resumed(side.lastResume(), System.nanoTime());
        }
        oldLivedAtLook = source != OldStatus.DEAD;
        // The last words of the dead are heard first: a SHUTDOWN among them makes all the difference.
        boolean stood = !oldLivedAtLook && watch.stoodToItsEnd();
        if (side != null && target == NewStatus.DEAD) {
            side.hearOut(OldWatch.HEARING_LIMIT);
        }
        boolean shutdown = old.shutdownSeen() || (side != null && side.shutdownSeen());
        return new Input.Observed(new Sides(true, source, target, shutdown, stood));
    }

    /** After a restart, or a crash between its start and the note of it, the new QEMU is found by its tag. */
    private void findNew() throws IOException {
        if (fresh == null) {
            List<ProcessIdentity> strays = ProcessScan.withTag(trial.paths().tag());
            if (!strays.isEmpty()) {
                fresh = QemuSide.of(strays.getFirst(), trial.paths().control(), connector);
            }
        }
    }

    private OldStatus oldStatus() throws IOException, InterruptedException {
        boolean alive = old.alive();
        boolean frozen = alive && old.frozen();
        OldWatch.Before before = watch.beforeLook();
        Optional<QemuSide.Words> words = alive && !frozen ? old.ask(old.patience()) : Optional.empty();
        OldStatus seen = SideStatus.ofOld(
                old.alive(),
                frozen,
                words.isPresent(),
                words.map(QemuSide.Words::runState).orElse(""),
                words.map(QemuSide.Words::migration).orElse(""));
        watch.looked(seen, before);
        return seen;
    }

    private NewStatus newStatus(Role role) throws IOException, InterruptedException {
        QemuSide side = fresh;
        if (side == null || !side.alive()) {
            return NewStatus.DEAD;
        }
        return newStatus(role, side.ask(side.patience()));
    }

    private NewStatus newStatus(Role role, Optional<QemuSide.Words> words) throws IOException {
        QemuSide side = fresh;
        return SideStatus.ofNew(
                role,
                side != null && side.alive(),
                words.isPresent(),
                words.map(QemuSide.Words::runState).orElse(""),
                words.map(QemuSide.Words::migration).orElse(""),
                side != null && side.resumes() > 0);
    }

    private void cancelOld() throws IOException, InterruptedException {
        try {
            old.execute("migrate_cancel", Map.of(), Duration.ofSeconds(2));
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
        QmpConnection connection = old.connect(Duration.ofSeconds(2));
        if (!connection.outOfBand()) {
            throw cause;
        }
        QemuSide.await(
                connection.executeOutOfBand(
                        "yank", Map.of("instances", List.of(Map.of("type", "migration"))), Duration.ofSeconds(2)),
                Duration.ofSeconds(4));
    }

    private Input killNew() throws IOException {
        if (oldLivedAtLook && !old.alive()) {
            return new Input.Failed("OLD_DIED", "The running QEMU died while the attempt was being undone.");
        }
        findNew();
        if (fresh != null) {
            kill(fresh);
        }
        // Between the start of a process and the note of it the agent may have died: nothing with this tag may stay.
        for (ProcessIdentity stray : ProcessScan.withTag(trial.paths().tag())) {
            try (QemuSide side = QemuSide.of(stray, trial.paths().control(), connector)) {
                kill(side);
            }
        }
        effects.discard(trial);
        return Input.done();
    }

    private void thawOld() throws IOException {
        Optional<PidFd> handle = old.pidFd();
        if (handle.isPresent()) {
            handle.get().signal(Linux.SIGCONT);
        }
    }

    private Input contOld() throws IOException, InterruptedException {
        pause.letsRun(System.nanoTime());
        old.execute("cont", Map.of(), CONT_LIMIT);
        Optional<QemuSide.Words> words = old.ask(QemuSide.QUERY_LIMIT);
        if (words.isPresent() && words.get().runState().equals("running")) {
            pause.resumed(watch.resumed() ? old.lastResume() : Optional.empty(), System.nanoTime());
            return Input.done();
        }
        return new Input.Failed(
                "OLD_NOT_SEEN_RUNNING", "The old QEMU was told to go on and does not say that it does.");
    }

    private void freezeBoth() throws IOException {
        findNew();
        for (QemuSide side : fresh == null ? List.of(old) : List.of(old, fresh)) {
            if (side.pidFd().isPresent()) {
                ProcessSignals.freeze(side.pidFd().get(), FREEZE_LIMIT);
            }
        }
    }

    private void resetSurvivor(HandOver attempt) throws IOException, InterruptedException, Trial.Refused {
        Transfer.reset(attempt.ending() == dev.neurath.model.handover.Ending.UPGRADED ? theNew() : old);
    }

    private void logDone(HandOver attempt) throws IOException, Trial.Refused {
        Outcome outcome = Outcomes.of(
                attempt,
                pause.reading(attempt.switched()),
                footprint,
                attempt.ending() == dev.neurath.model.handover.Ending.UPGRADED
                        ? Optional.of(Outcomes.runs(trial, theNew()))
                        : Optional.empty());
        log.done(attempt.generation(), outcome);
        if (outcome instanceof Outcome.Upgraded upgraded) {
            effects.becomes(trial, theNew(), upgraded);
        } else if (fresh != null) {
            fresh.close();
        }
        Files.deleteIfExists(trial.paths().stream());
        Files.deleteIfExists(trial.paths().channel());
    }
}
