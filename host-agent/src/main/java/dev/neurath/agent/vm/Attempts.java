package dev.neurath.agent.vm;

import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.handover.AttemptPaths;
import dev.neurath.agent.handover.HandOverLoop;
import dev.neurath.agent.handover.QemuSide;
import dev.neurath.agent.handover.QemuSteps;
import dev.neurath.agent.handover.Trial;
import dev.neurath.agent.os.Linux;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Admission;
import dev.neurath.model.handover.Admission.Verdict;
import dev.neurath.model.handover.Ending;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * A VM's hand-overs: asks {@link Admission} about each order, runs at most one attempt at a time, and reports what became of it once that is in the log. What
 * an attempt does is {@link HandOverLoop}'s and {@link QemuSteps}'.
 */
final class Attempts {
    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

    private static final String REHEARSED = "REHEARSED";
    private static final String REHEARSAL_INCONCLUSIVE = "REHEARSAL_INCONCLUSIVE";

    private final VmId id;
    private final HostTools tools;
    private final Mailbox mailbox;
    private final AttemptLog log;
    private final Incumbent incumbent;
    private volatile @Nullable HandOverLoop loop;
    private volatile @Nullable Thread thread;

    Attempts(VmId id, HostTools tools, Mailbox mailbox, AttemptLog log, Incumbent incumbent) {
        this.id = id;
        this.tools = tools;
        this.mailbox = mailbox;
        this.log = log;
        this.incumbent = incumbent;
    }

    boolean running() {
        return loop != null;
    }

    /** Brings to its end what an earlier agent had begun. */
    void resume(AttemptLog.Open open) throws IOException, InterruptedException {
        LOG.warn(
                "VM {}: attempt {} was open at {} when the agent ended; looking at both processes.",
                id,
                open.attempt().generation(),
                open.mark());
        incumbent.attachUnderAttempt();
        AgentVm record = Objects.requireNonNull(incumbent.record());
        Trial trial = new Trial(
                id,
                open.role(),
                open.attempt(),
                open.to(),
                record,
                AttemptPaths.ofTag(tools.directories().sockets(record), open.tag()));
        run(trial, open.recovered());
    }

    /** What an earlier agent had ended, and may not have told. */
    void repeat(AttemptLog.Done done) {
        reportEnd(done.generation(), done.outcome());
        if (done.outcome() instanceof Outcome.Upgraded) {
            askHealth(done.generation());
        }
    }

    /** @param attempt what is to be begun; null for an order that begins nothing */
    void order(VmOrder order, @Nullable Attempt attempt, long startBeforeNanos)
            throws IOException, InterruptedException {
        HandOverLoop running = loop;
        var ledger = new Admission.Ledger(
                incumbent.runs(),
                log.floor(),
                running == null ? null : running.attempt(),
                log.lastDone().map(AttemptLog.Done::generation).orElse(null));
        Generation g = order.generation();
        switch (Admission.admit(ledger, order, System.nanoTime() - startBeforeNanos > 0)) {
            case Verdict.Begin begin -> begin(Objects.requireNonNull(attempt));
            case Verdict.Attach attach -> reattach(g);
            case Verdict.Switch ordered -> deliver(new Input.SwitchOrdered());
            case Verdict.Repeat repeat ->
                log.lastDone()
                        .filter(done -> done.generation().equals(g))
                        .ifPresent(done -> reportEnd(done.generation(), done.outcome()));
            case Verdict.Close close -> {
                log.close(g);
                tools.outbox().report(id, new VmFact.Closed(g));
            }
            case Verdict.Settle settle -> {
                deliver(new Input.CloseRequested("CLOSED_BY_COORDINATOR", "The coordinator closed the attempt."));
                tools.outbox().report(id, new VmFact.Settling(g));
            }
            case Verdict.SettleOlder older ->
                deliver(new Input.CloseRequested("SUPERSEDED", "A newer generation was ordered."));
            case Verdict.Refuse refuse -> {
                log.close(g);
                tools.outbox().report(id, new VmFact.Refused(g, refuse.refusal()));
            }
        }
    }

    /** {@link Input.CloseRequested} from outside; nothing if none runs. */
    void deliver(Input input) {
        HandOverLoop running = loop;
        if (running != null) {
            running.deliver(input);
        }
    }

    /** Until no guest stands still for an attempt, or until {@code endNanos}. Called from any thread. */
    void awaitPause(long endNanos) throws InterruptedException {
        HandOverLoop running = loop;
        Thread itsThread = thread;
        long left = endNanos - System.nanoTime();
        if (running != null
                && itsThread != null
                && left > 0
                && running.attempt().inPause()) {
            itsThread.join(Duration.ofNanos(left));
        }
    }

    private void reattach(Generation g) {
        HandOverLoop running = loop;
        if (running != null && running.attempt().step() == Step.HOLD_READY) {
            tools.outbox().report(id, new VmFact.Ready(g));
        }
    }

    private void begin(Attempt attempt) throws IOException, InterruptedException {
        Revision to;
        try {
            // A frozen process would be taken for one that this attempt froze, and let run by its undoing.
            if (incumbent.side().orElseThrow().frozen()) {
                throw new Trial.Refused("RUNSTATE", "The running QEMU stands frozen by a signal.");
            }
            to = tools.starter().revision(attempt.release());
            incumbent.takeDoor();
        } catch (Trial.Refused e) {
            log.close(attempt.generation());
            tools.outbox().report(id, new VmFact.Refused(attempt.generation(), Refusals.of(e.code(), e.sentence())));
            return;
        } catch (IOException e) {
            LOG.warn("VM {}: attempt {} was not begun", id, attempt.generation(), e);
            log.close(attempt.generation());
            String sentence = "The running QEMU could not be looked at: " + e.getMessage();
            tools.outbox()
                    .report(id, new VmFact.Refused(attempt.generation(), Refusals.of("PROCESS_UNREADABLE", sentence)));
            return;
        }
        begin(attempt.rehearsal() == Rehearsal.NONE ? Role.HAND_OVER : Role.REHEARSAL, attempt, to);
    }

    private void begin(Role role, Attempt attempt, Revision to) {
        AgentVm record = Objects.requireNonNull(incumbent.record());
        AttemptPaths paths = AttemptPaths.of(
                tools.directories().sockets(record),
                id,
                attempt.generation(),
                tools.nonce().get());
        Trial trial = new Trial(id, role, attempt, to, record, paths);
        LOG.info(
                "VM {}: {} {} of {} begins: by {} to release {}",
                id,
                role == Role.REHEARSAL ? "rehearsal" : "attempt",
                attempt.generation(),
                attempt.rollout(),
                attempt.method(),
                attempt.release());
        run(trial, HandOver.begin(attempt.generation(), role, attempt.method()));
    }

    /** After a rehearsal that does not speak against it, with what it left of the time that the guest may stand still. @return false if there is nothing to begin */
    private boolean beginAfterRehearsal(HandOver rehearsal, Outcome outcome) throws IOException {
        Attempt attempt = log.lastAttempt().orElseThrow();
        LOG.info("VM {}: rehearsal {} ended: {}", id, rehearsal.generation(), outcome);
        boolean speaksFor = outcome instanceof Outcome.AsItWas end
                && (end.reason().equals(REHEARSED)
                        || (attempt.rehearsal() == Rehearsal.ADVISES
                                && end.reason().equals(REHEARSAL_INCONCLUSIVE)));
        if (!speaksFor || rehearsal.closing() || rehearsal.ending() != Ending.AS_IT_WAS || !incumbent.runs()) {
            return false;
        }
        Duration used = ((Outcome.AsItWas) outcome).pause() instanceof Pause.Measured measured
                ? measured.duration()
                : Duration.ZERO;
        try {
            begin(
                    Role.HAND_OVER,
                    attempt.withPauseLimit(attempt.pauseLimit().minus(used)),
                    tools.starter().revision(attempt.release()));
            return true;
        } catch (Trial.Refused e) {
            // The release is not on the shelf any more: the rehearsal's outcome stands.
            LOG.warn("VM {}: what was rehearsed is not handed over: {}", id, e.sentence());
            return false;
        }
    }

    private void run(Trial trial, HandOver from) {
        QemuSide old = incumbent.side().orElseThrow();
        var steps = new QemuSteps(trial, log, old, tools.connector(), tools.starter(), incumbent, tools.holds());
        var started = new HandOverLoop(id, from, steps, tools.holds(), tools.lease(), this::observe);
        loop = started;
        thread = Thread.ofPlatform()
                .name("hand-over-" + id + "-" + trial.attempt().generation())
                .start(() -> {
                    // What this thread's lines are about; a line of JSON carries it.
                    MDC.put("vm", id.value());
                    MDC.put("generation", trial.attempt().generation().toString());
                    MDC.put("rollout", trial.attempt().rollout().value());
                    MDC.put("wave", String.valueOf(trial.attempt().wave()));
                    Linux.takeShortTurns();
                    started.run();
                });
    }

    /** Most steps concern nobody, and waking the VM's thread for them would cost the guest's pause. */
    private void observe(HandOver attempt) {
        switch (attempt.step()) {
            case HOLD_READY -> mailbox.post(() -> tools.outbox().report(id, new VmFact.Ready(attempt.generation())));
            case REPORT -> mailbox.post(() -> ended(attempt));
            default -> {}
        }
    }

    /** With these a hand-over follows, under the same generation. */
    private static boolean isOfARehearsal(Outcome outcome) {
        return outcome instanceof Outcome.AsItWas end
                && (end.reason().equals(REHEARSED) || end.reason().equals(REHEARSAL_INCONCLUSIVE));
    }

    private void ended(HandOver attempt) throws IOException {
        loop = null;
        Generation g = attempt.generation();
        Optional<Outcome> outcome =
                log.lastDone().filter(done -> done.generation().equals(g)).map(AttemptLog.Done::outcome);
        boolean ofItsRehearsal = attempt.role() == Role.HAND_OVER
                && attempt.trouble() != null
                && outcome.filter(Attempts::isOfARehearsal).isPresent();
        if (outcome.isEmpty() || ofItsRehearsal) {
            // BEGIN could not be written: nothing was begun.
            HandOver.Trouble trouble = Objects.requireNonNull(attempt.trouble());
            tools.outbox().report(id, new VmFact.Refused(g, Refusals.of(trouble.code(), trouble.sentence())));
        } else if (attempt.role() == Role.REHEARSAL && beginAfterRehearsal(attempt, outcome.get())) {
            return;
        } else {
            LOG.info("VM {}: attempt {} ended: {}", id, g, outcome.get());
            reportEnd(g, outcome.get());
            if (outcome.get() instanceof Outcome.Upgraded) {
                askHealth(g);
            }
            follow(outcome.get());
            tools.processes().dropOldOutput(id);
        }
        // A death during the attempt was left to it; one that came after its last look is nobody's yet.
        incumbent.watchAgain();
    }

    /** An earlier agent may have written DONE and not lived to do what follows from it. @return true if the VM is over by it */
    boolean followed(AttemptLog.Done done) throws IOException, InterruptedException {
        boolean ofThisLife = done.generation().value()
                > Objects.requireNonNull(incumbent.record()).getStartedBy();
        boolean over = switch (done.outcome()) {
            case Outcome.Gone gone -> true;
            case Outcome.GoneWithHost gone -> true;
            case Outcome.Lost lost -> true;
            case Outcome.Upgraded upgraded -> false;
            case Outcome.AsItWas asItWas -> false;
            case Outcome.DoubleRun doubleRun -> false;
        };
        if (!ofThisLife || !over) {
            return false;
        }
        incumbent.attachUnderAttempt();
        follow(done.outcome());
        return true;
    }

    private void follow(Outcome outcome) {
        switch (outcome) {
            case Outcome.Upgraded upgraded -> {}
            case Outcome.AsItWas asItWas -> {}
            case Outcome.Gone gone -> incumbent.ended(gone.reason(), gone.sentence(), true);
            case Outcome.GoneWithHost gone -> incumbent.ended("GONE_WITH_HOST", "The host was rebooted.", true);
            case Outcome.Lost lost -> incumbent.ended("LOST", lost.sentence(), false);
            case Outcome.DoubleRun doubleRun -> LOG.error("VM {}: {}", id, doubleRun.sentence());
        }
    }

    /** A guest that stood still twice stood still for both. */
    private Outcome withRehearsal(Generation g, Outcome outcome) {
        Duration before = log.stoppedBefore(g);
        if (before.isZero()) {
            return outcome;
        }
        return switch (outcome) {
            case Outcome.Upgraded o ->
                new Outcome.Upgraded(longer(o.pause(), before), o.revision(), o.process(), o.footprint());
            case Outcome.AsItWas o ->
                new Outcome.AsItWas(longer(o.pause(), before), o.reason(), o.sentence(), o.reachedSwitching());
            case Outcome.Gone o -> o;
            case Outcome.Lost o -> o;
            case Outcome.GoneWithHost o -> o;
            case Outcome.DoubleRun o -> o;
        };
    }

    private static Pause longer(Pause pause, Duration by) {
        return switch (pause) {
            case Pause.None none -> new Pause.Measured(by);
            case Pause.Measured measured ->
                new Pause.Measured(measured.duration().plus(by));
            case Pause.Unknown unknown -> new Pause.Unknown(unknown.atLeast().plus(by));
        };
    }

    private void askHealth(Generation g) {
        tools.health()
                .ask(
                        id,
                        System.nanoTime(),
                        (health, evidence) -> mailbox.post(
                                () -> tools.outbox().report(id, new VmFact.HealthSeen(g, health, evidence))));
    }

    private void reportEnd(Generation g, Outcome ended) {
        Outcome outcome = withRehearsal(g, ended);
        Optional<Method> method = log.lastAttempt().map(Attempt::method);
        Optional<Refusal> refusal =
                outcome instanceof Outcome.AsItWas asItWas ? Refusals.ofAttempt(asItWas, method) : Optional.empty();
        tools.outbox()
                .report(id, refusal.isPresent() ? new VmFact.Refused(g, refusal.get()) : new VmFact.Ended(g, outcome));
    }
}
