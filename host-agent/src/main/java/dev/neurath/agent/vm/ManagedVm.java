package dev.neurath.agent.vm;

import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.handover.AttemptPaths;
import dev.neurath.agent.handover.HandOverLoop;
import dev.neurath.agent.handover.QemuSide;
import dev.neurath.agent.handover.QemuSteps;
import dev.neurath.agent.handover.Trial;
import dev.neurath.agent.log.LogFailure;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Admission;
import dev.neurath.model.handover.Admission.Verdict;
import dev.neurath.model.handover.HandOver;
import dev.neurath.model.handover.Input;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One VM of this host. It admits orders, one at a time, runs at most one attempt, and reports what became of them; what an attempt does is the hand-over
 * loop's. All methods but the constructor are called on the VM's own mailbox.
 */
final class ManagedVm implements QemuSteps.Effects {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedVm.class);
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(10);

    private final VmId id;
    private final HostTools tools;
    private final Mailbox mailbox;
    private final AttemptLog log;
    private @Nullable AgentVm record;
    private @Nullable QemuSide side;
    private @Nullable HandOverLoop loop;
    private @Nullable VmFact startAnswer;

    ManagedVm(VmId id, HostTools tools, Mailbox mailbox, AttemptLog log) {
        this.id = id;
        this.tools = tools;
        this.mailbox = mailbox;
        this.log = log;
    }

    /** What was known when the agent last lived; called once, before any order. */
    void recover(AgentVm known) throws IOException, InterruptedException {
        record = known;
        Optional<AttemptLog.Open> open = log.open();
        if (open.isPresent()) {
            resume(known, open.get());
            return;
        }
        Optional<AttemptLog.Done> done = log.lastDone();
        // DONE is the truth; the record is written after it and may have missed it.
        if (done.isPresent()
                && done.get().outcome() instanceof Outcome.Upgraded upgraded
                && !upgraded.process().equals(VmCodec.decode(known.getProcess()))
                && done.get().generation().value() > known.getStartedBy()) {
            record = handedOver(known, done.get().generation(), upgraded);
            tools.store().save(record);
        }
        if (!record.getEndedReason().isEmpty()) {
            tools.outbox().report(id, new VmFact.Exited(record.getEndedReason(), record.getEndedSentence()));
        } else if (!record.hasProcess()) {
            recoverStart();
        } else {
            attach(identity(record));
        }
        done.ifPresent(d -> {
            reportEnd(d.generation(), d.outcome());
            if (d.outcome() instanceof Outcome.Upgraded) {
                askHealth(d.generation());
            }
        });
    }

    private void resume(AgentVm known, AttemptLog.Open open) throws IOException, InterruptedException {
        LOG.warn(
                "VM {}: attempt {} was open at {} when the agent ended; looking at both processes.",
                id,
                open.attempt().generation(),
                open.mark());
        side = QemuSide.of(identity(known), Path.of(known.getControl()), tools.connector());
        connect(side);
        watchHealth();
        Trial trial = new Trial(
                id,
                open.attempt(),
                open.to(),
                known,
                AttemptPaths.ofTag(tools.directories().run(), open.tag()));
        run(trial, open.recovered());
    }

    /** The agent died between writing the draft down and knowing the process. */
    private void recoverStart() throws IOException, InterruptedException {
        AgentVm draft = java.util.Objects.requireNonNull(record);
        Optional<ProcessIdentity> stray = tools.processes().find(draft.getTag());
        if (stray.isPresent()) {
            started(draft, stray.get());
        } else {
            startFailed(draft, "AGENT_RESTARTED", "The agent was restarted while the VM was being started.");
        }
    }

    void order(VmOrder order, long startBeforeNanos) throws IOException, InterruptedException {
        switch (order) {
            case VmOrder.Start start -> start(start);
            case VmOrder.Stop stop -> stop(stop);
            case VmOrder.Prepare prepare -> handOver(order, prepare.attempt(), startBeforeNanos);
            case VmOrder.Switch ordered -> handOver(order, null, startBeforeNanos);
            case VmOrder.Resolve resolve -> handOver(order, null, startBeforeNanos);
        }
    }

    /** What a freshly opened session is told of this VM. */
    void takeInventory() {
        AgentVm vm = record;
        if (vm != null && vm.hasProcess() && vm.getEndedReason().isEmpty() && loop == null) {
            tools.outbox()
                    .report(
                            id,
                            new VmFact.Inventory(
                                    log.floor(), QemuStarter.revisionOf(vm), VmCodec.decode(vm.getProcess())));
        }
    }

    /** This agent's log is new: what the coordinator ordered before is closed for ever. */
    void raiseFloor(Generation generation) throws LogFailure {
        log.close(generation);
    }

    private void handOver(VmOrder order, @Nullable Attempt attempt, long startBeforeNanos)
            throws IOException, InterruptedException {
        HandOverLoop running = loop;
        var ledger = new Admission.Ledger(
                record != null && record.hasProcess() && record.getEndedReason().isEmpty(),
                log.floor(),
                running == null ? null : running.attempt(),
                log.lastDone().map(AttemptLog.Done::generation).orElse(null));
        Generation g = order.generation();
        switch (Admission.admit(ledger, order, System.nanoTime() - startBeforeNanos > 0)) {
            case Verdict.Begin begin -> begin(java.util.Objects.requireNonNull(attempt));
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

    private void deliver(Input input) {
        if (loop != null) {
            loop.deliver(input);
        }
    }

    private void reattach(Generation g) {
        if (loop != null && loop.attempt().step() == Step.HOLD_READY) {
            tools.outbox().report(id, new VmFact.Ready(g));
        }
    }

    private void begin(Attempt attempt) throws IOException {
        Revision to;
        try {
            to = tools.starter().revision(attempt.release());
        } catch (Trial.Refused e) {
            log.close(attempt.generation());
            tools.outbox().report(id, new VmFact.Refused(attempt.generation(), Refusals.of(e.code(), e.sentence())));
            return;
        }
        AttemptPaths paths = AttemptPaths.of(
                tools.directories().run(),
                id,
                attempt.generation(),
                tools.nonce().get());
        Trial trial = new Trial(id, attempt, to, java.util.Objects.requireNonNull(record), paths);
        run(trial, HandOver.begin(attempt.generation(), Role.HAND_OVER, attempt.method()));
    }

    private void run(Trial trial, HandOver from) {
        QemuSide old = java.util.Objects.requireNonNull(side, "the VM's process");
        var steps = new QemuSteps(trial, log, old, tools.connector(), tools.starter(), this, tools.holds());
        var started = new HandOverLoop(
                id, from, steps, tools.holds(), tools.lease(), attempt -> mailbox.post(() -> moved(attempt)));
        loop = started;
        Thread.ofPlatform()
                .name("hand-over-" + id + "-" + trial.attempt().generation())
                .start(started);
    }

    private void moved(HandOver attempt) throws IOException {
        switch (attempt.step()) {
            case HOLD_READY -> tools.outbox().report(id, new VmFact.Ready(attempt.generation()));
            case REPORT -> attemptEnded(attempt);
            default -> {}
        }
    }

    private void attemptEnded(HandOver attempt) throws IOException {
        loop = null;
        Generation g = attempt.generation();
        Optional<Outcome> outcome =
                log.lastDone().filter(done -> done.generation().equals(g)).map(AttemptLog.Done::outcome);
        if (outcome.isEmpty()) {
            // BEGIN could not be written: nothing was begun.
            HandOver.Trouble trouble = java.util.Objects.requireNonNull(attempt.trouble());
            tools.outbox().report(id, new VmFact.Refused(g, Refusals.of(trouble.code(), trouble.sentence())));
            return;
        }
        reportEnd(g, outcome.get());
        switch (outcome.get()) {
            case Outcome.Upgraded upgraded -> askHealth(g);
            case Outcome.AsItWas asItWas -> {}
            case Outcome.Gone gone -> ended(gone.reason(), gone.sentence(), true);
            case Outcome.GoneWithHost gone -> ended("GONE_WITH_HOST", "The host was rebooted.", true);
            case Outcome.Lost lost -> ended("LOST", lost.sentence(), false);
            case Outcome.DoubleRun doubleRun -> LOG.error("VM {}: {}", id, doubleRun.sentence());
        }
        // A death during the attempt was left to it; one that came after its last look is nobody's yet.
        if (side != null && !side.alive()) {
            exited(side.identity());
        }
    }

    private void askHealth(Generation g) {
        tools.health()
                .ask(
                        id,
                        System.nanoTime(),
                        (health, evidence) -> mailbox.post(
                                () -> tools.outbox().report(id, new VmFact.HealthSeen(g, health, evidence))));
    }

    private void reportEnd(Generation g, Outcome outcome) {
        Optional<Refusal> refusal =
                outcome instanceof Outcome.AsItWas asItWas ? Refusals.ofAttempt(asItWas, method()) : Optional.empty();
        tools.outbox()
                .report(id, refusal.isPresent() ? new VmFact.Refused(g, refusal.get()) : new VmFact.Ended(g, outcome));
    }

    private Optional<dev.neurath.model.vm.Method> method() {
        return log.lastAttempt().map(Attempt::method);
    }

    private void start(VmOrder.Start order) throws IOException, InterruptedException {
        Generation g = order.generation();
        AgentVm known = record;
        if (known != null && known.getStartedBy() == g.value()) {
            if (startAnswer != null) {
                tools.outbox().report(id, startAnswer);
            } else if (known.hasProcess()) {
                tools.outbox().report(id, startedFact(known));
            }
            return;
        }
        if (!g.isAfter(log.floor())) {
            if (startAnswer != null) {
                tools.outbox().report(id, startAnswer);
            }
            return;
        }
        if (known != null && known.hasProcess() && known.getEndedReason().isEmpty()) {
            log.close(g);
            answerStart(
                    new VmFact.StartFailed(g, Refusals.of("VM_RUNS_HERE", "This VM is running on this host already.")));
            return;
        }
        log.close(g);
        AgentVm draft;
        try {
            draft = tools.starter().draft(order.spec(), g.value(), tools.nonce().get());
        } catch (Trial.Refused e) {
            answerStart(new VmFact.StartFailed(g, Refusals.of(e.code(), e.sentence())));
            return;
        }
        tools.store().save(draft);
        record = draft;
        tools.starts().acquire();
        try {
            started(draft, tools.starter().start(draft));
        } catch (Trial.Refused e) {
            startFailed(draft, e.code(), e.sentence());
        } catch (IOException e) {
            startFailed(draft, "START_FAILED", String.valueOf(e.getMessage()));
        } finally {
            tools.starts().release();
        }
    }

    private void started(AgentVm draft, ProcessIdentity identity) throws IOException, InterruptedException {
        var fresh = QemuSide.of(identity, Path.of(draft.getControl()), tools.connector());
        try {
            AgentVm running = tools.processes().describe(draft, identity, fresh);
            tools.store().save(running);
            record = running;
            side = fresh;
            watch(identity);
            watchHealth();
            answerStart(startedFact(running));
        } catch (IOException | Trial.Refused e) {
            tools.processes().end(identity, DEATH_LIMIT);
            startFailed(
                    draft,
                    e instanceof Trial.Refused refused ? refused.code() : "START_FAILED",
                    e.getMessage() + tools.processes().lastWords(draft.getTag()));
        }
    }

    private void startFailed(AgentVm draft, String code, String sentence) throws IOException {
        Files.deleteIfExists(Path.of(draft.getRamFile()));
        tools.store().remove(id);
        record = null;
        answerStart(new VmFact.StartFailed(new Generation(draft.getStartedBy()), Refusals.of(code, sentence)));
    }

    private void answerStart(VmFact answer) {
        startAnswer = answer;
        tools.outbox().report(id, answer);
    }

    private static VmFact startedFact(AgentVm vm) {
        return new VmFact.Started(
                new Generation(vm.getStartedBy()), QemuStarter.revisionOf(vm), VmCodec.decode(vm.getProcess()));
    }

    private void stop(VmOrder.Stop order) throws IOException {
        AgentVm vm = record;
        if (vm == null || !vm.getEndedReason().isEmpty()) {
            tools.outbox().report(id, new VmFact.Exited("STOPPED", "Nothing of this VM runs on this host."));
            return;
        }
        if (loop != null) {
            deliver(new Input.CloseRequested("STOP_ORDERED", "The VM is to be ended."));
            return;
        }
        log.close(order.generation());
        if (vm.hasProcess()) {
            tools.processes().end(identity(vm), DEATH_LIMIT);
        }
        ended("STOPPED", "It was ended by its owner's order.", true);
    }

    private void attach(ProcessIdentity identity) throws IOException, InterruptedException {
        AgentVm vm = java.util.Objects.requireNonNull(record);
        side = QemuSide.of(identity, Path.of(vm.getControl()), tools.connector());
        if (!side.alive()) {
            String reason = identity.ofThisBoot() ? "GONE_UNSEEN" : "GONE_WITH_HOST";
            ended(reason, "Its QEMU ended while no agent was there to see why.", true);
            return;
        }
        connect(side);
        rename(vm);
        watch(identity);
        watchHealth();
    }

    private static void connect(QemuSide side) throws InterruptedException {
        try {
            side.connect(Duration.ofSeconds(5));
        } catch (IOException e) {
            LOG.warn(
                    "The QEMU with process id {} does not answer now; it will be asked again.",
                    side.identity().pid(),
                    e);
        }
    }

    private void watch(ProcessIdentity identity) throws IOException {
        tools.exits().watch(identity, () -> mailbox.post(() -> exited(identity)));
    }

    private void watchHealth() {
        if (record != null) {
            tools.health().watch(id, VmCodec.decode(record.getSpec()).health());
        }
    }

    private void exited(ProcessIdentity identity) throws IOException {
        AgentVm vm = record;
        if (vm == null
                || !vm.hasProcess()
                || !identity(vm).equals(identity)
                || !vm.getEndedReason().isEmpty()) {
            return;
        }
        // While an attempt is open its outcome says what became of the guest; the old side's death is one of its steps.
        if (loop != null) {
            return;
        }
        boolean shutDown = side != null && side.shutdownSeen();
        ended(
                shutDown ? "SHUT_DOWN" : "QEMU_DIED",
                shutDown
                        ? "The guest or its owner shut it down."
                        : "Its QEMU ended by itself." + tools.processes().lastWords(vm.getTag()),
                true);
    }

    /** The VM is over on this host. The memory of a lost guest is evidence and stays. */
    private void ended(String reason, String sentence, boolean dropMemory) throws IOException {
        AgentVm vm = record;
        if (vm == null) {
            return;
        }
        AgentVm over =
                vm.toBuilder().setEndedReason(reason).setEndedSentence(sentence).build();
        tools.store().save(over);
        record = over;
        tools.health().forget(id);
        if (dropMemory) {
            tools.processes().dropMemory(Path.of(vm.getRamFile()));
        }
        for (AgentVm.PublicPath path : vm.getPublicPathsList()) {
            Files.deleteIfExists(Path.of(path.getPublic()));
        }
        Files.deleteIfExists(Path.of(vm.getControl()));
        if (side != null) {
            tools.exits().forget(side.identity());
            side.close();
            side = null;
        }
        tools.processes().dropGroup(id);
        tools.outbox().report(id, new VmFact.Exited(reason, sentence));
    }

    @Override
    public void becomes(Trial trial, QemuSide fresh, Outcome.Upgraded outcome) throws IOException {
        mailbox.call(() -> {
            AgentVm now = handedOver(trial.record(), trial.attempt().generation(), outcome);
            tools.store().save(now);
            if (side != null) {
                tools.exits().forget(side.identity());
                Files.deleteIfExists(side.control());
                side.close();
            }
            record = now;
            side = fresh;
            watch(fresh.identity());
        });
    }

    private AgentVm handedOver(AgentVm before, Generation generation, Outcome.Upgraded outcome) {
        String tag = log.tag(generation);
        return tools.processes()
                .handedOver(
                        before,
                        generation,
                        tag,
                        AttemptPaths.ofTag(tools.directories().run(), tag).control(),
                        tools.starter().shadows(id, generation),
                        outcome);
    }

    @Override
    public void publish(Trial trial) throws IOException {
        for (var shadow :
                tools.starter().shadows(id, trial.attempt().generation()).entrySet()) {
            moveIfThere(Path.of(shadow.getValue()), Path.of(shadow.getKey()));
        }
    }

    /** publish() again, after a restart: a shadow of the generation that runs may still wait for its name. */
    private void rename(AgentVm vm) throws IOException {
        for (AgentVm.PublicPath path : vm.getPublicPathsList()) {
            if (!path.getBound().equals(path.getPublic())) {
                moveIfThere(Path.of(path.getBound()), Path.of(path.getPublic()));
            }
        }
    }

    private static void moveIfThere(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void discard(Trial trial) throws IOException {
        for (String shadow :
                tools.starter().shadows(id, trial.attempt().generation()).values()) {
            Files.deleteIfExists(Path.of(shadow));
        }
        Files.deleteIfExists(trial.paths().control());
        Files.deleteIfExists(trial.paths().stream());
        Files.deleteIfExists(trial.paths().channel());
    }

    private static ProcessIdentity identity(AgentVm vm) {
        QemuProcess process = VmCodec.decode(vm.getProcess());
        return new ProcessIdentity(process.bootId(), process.pid(), process.startTicks(), vm.getTag());
    }
}
