package dev.neurath.agent.handover;

import dev.neurath.agent.log.LogFailure;
import dev.neurath.agent.log.LogRecord.Kind;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessProbe;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.model.Generation;
import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.OldStatus;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.Sides;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs an attempt's steps on two real QEMU processes; {@link #performed} says for each step where its QMP command or signal is: {@link Checks},
 * {@link Transfer}, {@link Crossing}, {@link WayBack}, or below. It answers what was seen and never decides what comes next; a step that throws is a step whose
 * effect nobody knows.
 */
public final class QemuSteps implements HandOverSteps {
    private static final Logger LOG = LoggerFactory.getLogger(QemuSteps.class);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(15);

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
    private final TwoQemus sides;
    private final Trial.Launcher launcher;
    private final Effects effects;
    private final HoldPoints holds;
    private final PauseClock pause;
    private final Crossing crossing;
    private final WayBack wayBack;
    private final Checks checks = new Checks();
    private Outcome.Footprint footprint = Outcome.Footprint.UNKNOWN;

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
        this.sides = new TwoQemus(trial, old, connector);
        this.launcher = launcher;
        this.effects = effects;
        this.holds = holds;
        this.pause = new PauseClock(System.nanoTime());
        this.crossing = new Crossing(sides, pause);
        this.wayBack = new WayBack(sides, pause);
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
        } catch (RuntimeException | AssertionError e) {
            // An error of ours, and a guest may stand still: the table goes on with what both processes say.
            LOG.error("VM {} generation {}: {} failed", trial.vm(), attempt.generation(), attempt.step(), e);
            return new Input.Failed("INTERNAL", attempt.step().label() + ": " + e);
        }
    }

    private Input performed(HandOver attempt) throws IOException, InterruptedException, Trial.Refused {
        Generation g = attempt.generation();
        switch (attempt.step()) {
            case LOG_BEGIN -> {
                sides.watch().attemptBegins();
                log.begin(trial, attempt.role(), ProcessIdentity.currentBootId());
            }
            case CHECK_OLD -> checks.old(trial, old);
            case START_NEW -> startNew(attempt.method());
            case OPEN_CHANNEL -> Transfer.openChannel(old, sides.theNew(), trial.paths(), stream());
            case CHECK_NEW -> checkNew(attempt.method());
            case CHECK_GUEST -> checkGuest();
            case LOG_SWITCH -> mark(Kind.SWITCH, g);
            case CONNECT_NEW -> connectNew();
            case SEND_OLD -> {
                checks.unchanged(old);
                pause.stops(System.nanoTime());
                Transfer.sendOld(old, stream());
            }
            case AWAIT_STAGED -> {
                return awaitStaged();
            }
            case LOG_COMMIT -> mark(Kind.COMMIT, g);
            case FREEZE_OLD -> {
                return crossing.freezeOld(attempt);
            }
            case CONT_NEW -> {
                return crossing.contNew();
            }
            case AWAIT_RUNNING -> {
                return awaitRunning();
            }
            case KILL_OLD -> sides.killOld();
            case REHEARSE -> {
                return rehearse();
            }
            case OBSERVE -> {
                return observe(attempt);
            }
            case LOG_UNDO -> mark(Kind.UNDO, g);
            case CANCEL_OLD -> wayBack.cancelOld();
            case KILL_NEW -> {
                return killNew();
            }
            case THAW_OLD -> wayBack.thawOld();
            case CONT_OLD -> {
                return wayBack.contOld();
            }
            case LOG_QUARANTINE -> mark(Kind.QUARANTINE, g);
            case FREEZE_BOTH -> wayBack.freezeBoth();
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

    private Path stream() {
        return holds.stream(trial.vm(), trial.attempt().generation(), trial.paths().stream());
    }

    private void startNew(Method method) throws IOException, InterruptedException, Trial.Refused {
        if (trial.role() == Role.REHEARSAL) {
            startThrowAway();
            return;
        }
        QemuSide fresh = sides.started(launcher.launch(trial, holds));
        // With cpr-transfer the new QEMU answers only once it has its memory, in OPEN_CHANNEL.
        if (method == Method.SHARED_RAM) {
            connectOrSay(fresh);
        }
    }

    /** That it cannot be built or started says nothing about the guest's state. */
    private void startThrowAway() throws IOException, InterruptedException, Trial.Refused {
        try {
            connectOrSay(sides.started(launcher.launch(trial, holds)));
        } catch (IOException e) {
            throw Rehearsal.inconclusive(String.valueOf(e.getMessage()));
        } catch (Trial.Refused e) {
            throw ofItself(e) ? Rehearsal.inconclusive(e.sentence() + " " + launcher.complaint(trial)) : e;
        }
    }

    private static boolean ofItself(Trial.Refused refused) {
        return refused.code().equals("NEW_DIED") || refused.code().equals("NEW_MUTE");
    }

    private void checkThrowAway(QemuSide side) throws IOException, InterruptedException, Trial.Refused {
        try {
            connectOrSay(side);
            checks.throwAway(trial, old, side);
            Transfer.prepareWithoutReturnPath(side);
        } catch (IOException e) {
            throw Rehearsal.inconclusive(String.valueOf(e.getMessage()));
        } catch (Trial.Refused e) {
            throw ofItself(e) ? Rehearsal.inconclusive(e.sentence()) : e;
        }
        Transfer.prepareWithoutReturnPath(old);
    }

    private Input rehearse() throws IOException, InterruptedException, Trial.Refused {
        QemuSide throwAway = sides.theNew();
        checks.unchanged(old);
        sides.watch().begin();
        try {
            return new Rehearsal(old, throwAway, trial, holds, launcher, sides.watch(), pause).held();
        } finally {
            noteStop();
        }
    }

    private static void connectOrSay(QemuSide side) throws IOException, InterruptedException, Trial.Refused {
        try {
            side.connectWhileAlive(CONNECT_LIMIT);
        } catch (QmpFailure e) {
            throw side.alive()
                    ? new Trial.Refused("NEW_MUTE", "The new QEMU does not answer: " + e.getMessage())
                    : new Trial.Refused(
                            "NEW_DIED", "The new QEMU ended before it could be asked anything; see its log.");
        }
    }

    private void checkNew(Method method) throws IOException, InterruptedException, Trial.Refused {
        QemuSide side = sides.theNew();
        if (trial.role() == Role.REHEARSAL) {
            checkThrowAway(side);
            return;
        }
        connectOrSay(side);
        checks.fresh(trial, old, side);
        launcher.built(trial);
        Transfer.prepare(side, method);
        if (method == Method.SHARED_RAM) {
            Transfer.prepare(old, method);
        }
        long memory = ProcessProbe.memory(side.identity().pid())
                .map(ProcessProbe.Memory::proportionalBytes)
                .orElse(-1L);
        footprint = new Outcome.Footprint(memory, -1);
    }

    private void checkGuest() throws IOException, InterruptedException, Trial.Refused {
        checks.sameAsBefore(trial, old);
        // What is called for the first time takes milliseconds, and the next time the guest stands still.
        var unused = ProcessSignals.stopped(old.identity().pid());
        sides.watch().begin();
    }

    private void connectNew() throws IOException, InterruptedException, Trial.Refused {
        QemuSide side = sides.theNew();
        // From here on a STOP is taken for the migration's own, and what its owner stopped would be continued.
        checks.unchanged(old);
        pause.stops(System.nanoTime());
        if (trial.attempt().method() == Method.CPR_TRANSFER) {
            Transfer.connectNew(side, trial.paths());
        } else {
            Transfer.connectNewByUri(side, trial.paths());
        }
    }

    private Input awaitStaged() throws IOException, InterruptedException, Trial.Refused {
        Input input = Transfer.awaitStaged(
                old, sides.theNew(), trial.attempt().pauseLimit(), sides.watch(), () -> launcher.complaint(trial));
        noteStop();
        if (!(input instanceof Input.Done)) {
            return input;
        }
        boolean told = sides.toldStaged();
        TwoQemus.Both seen = told ? new TwoQemus.Both(OldStatus.POST, NewStatus.STAGED) : sides.both();
        if (sides.oldWasReset()) {
            return new Input.Failed("GUEST_CHANGED", "The guest was reset or changed during the switch.");
        }
        return seen.source() == OldStatus.POST && seen.target() == NewStatus.STAGED
                ? input
                : new Input.Failed(
                        "NOT_STAGED",
                        "After the transfer old was " + seen.source() + " and new was " + seen.target() + ".");
    }

    private void noteStop() {
        if (sides.watch().stopped()) {
            old.lastStop().ifPresent(pause::stopped);
        }
    }

    private Input awaitRunning() throws IOException, InterruptedException, Trial.Refused {
        Input input = crossing.awaitRunning();
        if (input instanceof Input.Done) {
            long cpu = ProcessProbe.processorTime(sides.theNew().identity().pid())
                    .map(Duration::toMillis)
                    .orElse(-1L);
            footprint = new Outcome.Footprint(footprint.extraMemoryBytes(), cpu);
        }
        return input;
    }

    private Input observe(HandOver attempt) throws IOException, InterruptedException {
        sides.findNew();
        if (!old.identity().ofThisBoot()) {
            return new Input.Observed(new Sides(false, OldStatus.DEAD, NewStatus.DEAD, false, false));
        }
        log.committedAt(attempt.generation()).ifPresent(pause::inherited);
        OldStatus source = sides.oldStatus(attempt.switched());
        NewStatus target = sides.newStatus(attempt.role());
        noteStop();
        if (source == OldStatus.RUNNING && sides.watch().resumed()) {
            pause.resumed(old.lastResume(), System.nanoTime());
        }
        if (target == NewStatus.RUN) {
            sides.fresh().ifPresent(side -> pause.resumed(side.lastResume(), System.nanoTime()));
        }
        return new Input.Observed(sides.seen(source, target, attempt.switched()));
    }

    private Input killNew() throws IOException {
        Input input = wayBack.killNew();
        if (input instanceof Input.Done) {
            takenBack();
        }
        return input;
    }

    private void resetSurvivor(HandOver attempt) throws IOException, InterruptedException, Trial.Refused {
        Transfer.reset(attempt.ending() == Ending.UPGRADED ? sides.theNew() : old);
    }

    private void logDone(HandOver attempt) throws IOException, Trial.Refused {
        Outcome outcome = Outcomes.of(
                attempt,
                pause.reading(attempt.switched()),
                trial.attempt().pauseLimit(),
                footprint,
                attempt.ending() == Ending.UPGRADED
                        ? Optional.of(Outcomes.runs(trial, sides.theNew()))
                        : Optional.empty());
        log.done(attempt.generation(), outcome);
        if (outcome instanceof Outcome.Upgraded upgraded) {
            effects.becomes(trial, sides.theNew(), upgraded);
        } else if (sides.fresh().isPresent()) {
            sides.fresh().get().close();
        }
        if (outcome instanceof Outcome.AsItWas) {
            // One that ended by itself was never killed.
            takenBack();
        }
        Files.deleteIfExists(trial.paths().stream());
        Files.deleteIfExists(trial.paths().channel());
        launcher.built(trial);
    }

    private void takenBack() throws IOException {
        launcher.takenBack(trial);
        effects.discard(trial);
    }
}
