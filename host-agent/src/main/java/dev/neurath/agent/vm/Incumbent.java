package dev.neurath.agent.vm;

import dev.neurath.agent.adopt.PublicNames;
import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.handover.AttemptPaths;
import dev.neurath.agent.handover.QemuSide;
import dev.neurath.agent.handover.QemuSteps;
import dev.neurath.agent.handover.Trial;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.qmp.QmpFailure;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.VmFact;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that is the VM now: its record on disk, the connection to it, the watch on its end. The record is saved before anything relies on it. Who
 * becomes the incumbent, {@link FirstStart} and {@link Attempts} decide. Called on the VM's mailbox, but for {@link QemuSteps.Effects}.
 */
final class Incumbent implements QemuSteps.Effects {
    private static final Logger LOG = LoggerFactory.getLogger(Incumbent.class);
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(10);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    /** While a guest may stand still nothing that does not answer is waited for: each look at it asks again. */
    private static final Duration CONNECT_LIMIT_UNDER_ATTEMPT = Duration.ofMillis(300);

    private static final Duration DOOR_LIMIT = Duration.ofSeconds(2);
    /** A disk that is full is not empty again at once. */
    private static final Duration END_AGAIN = Duration.ofSeconds(2);

    /** Told on the VM's mailbox that a process which was watched has ended. */
    interface Deaths {
        void died(ProcessIdentity identity) throws IOException;
    }

    private final VmId id;
    private final HostTools tools;
    private final Mailbox mailbox;
    private final AttemptLog log;
    private final Deaths deaths;
    private @Nullable AgentVm record;
    private @Nullable QemuSide side;
    /** An end that could not be written is tried again. */
    private boolean endWaits;

    Incumbent(VmId id, HostTools tools, Mailbox mailbox, AttemptLog log, Deaths deaths) {
        this.id = id;
        this.tools = tools;
        this.mailbox = mailbox;
        this.log = log;
        this.deaths = deaths;
    }

    /** What is known of the VM on this host, also of one that has ended; null if nothing. */
    @Nullable
    AgentVm record() {
        return record;
    }

    /** A process was started for it and its end was not seen. */
    boolean runs() {
        return record != null && record.hasProcess() && record.getEndedReason().isEmpty();
    }

    /** A start of it was begun and is not over: a process may live of which nothing but its tag is known. */
    boolean halfStarted() {
        return record != null && !record.hasProcess() && record.getEndedReason().isEmpty();
    }

    /** Empty if no process of it is known to live. */
    Optional<QemuSide> side() {
        return Optional.ofNullable(side);
    }

    /** As an earlier agent left it; nothing is looked at yet. */
    void known(AgentVm vm) {
        record = vm;
    }

    void save(AgentVm vm) throws IOException {
        tools.store().save(vm);
        record = vm;
    }

    /** A start that came to nothing. */
    void forget() throws IOException {
        tools.store().remove(id);
        record = null;
    }

    /** The first QEMU of a VM runs. */
    void begins(AgentVm running, QemuSide fresh) throws IOException {
        save(running);
        side = fresh;
        watch(fresh.identity());
        watchHealth();
    }

    /** While an attempt is open it alone judges the process: its end is not watched, and no name is moved. */
    void attachUnderAttempt() throws IOException, InterruptedException {
        AgentVm vm = Objects.requireNonNull(record);
        side = QemuSide.of(identity(vm), Path.of(vm.getControl()), tools.connector());
        // One that can answer does so at once, and what it says from then on is evidence; one that cannot keeps the
        // guest waiting.
        if (side.alive() && !side.frozen()) {
            connect(side, CONNECT_LIMIT_UNDER_ATTEMPT);
        }
        watchHealth();
    }

    /** The attempt is over: what became of its death meanwhile, and of one that is still to come, is told. */
    void watchAgain() throws IOException {
        if (side == null) {
            return;
        }
        if (borrowed(Objects.requireNonNull(record))) {
            side.release();
        }
        if (side.alive()) {
            watch(side.identity());
        } else {
            died(side.identity());
        }
    }

    void attach() throws IOException, InterruptedException {
        AgentVm vm = Objects.requireNonNull(record);
        ProcessIdentity identity = identity(vm);
        side = QemuSide.of(identity, Path.of(vm.getControl()), tools.connector());
        if (!side.alive()) {
            String reason = identity.ofThisBoot() ? "GONE_UNSEEN" : "GONE_WITH_HOST";
            ended(reason, "Its QEMU ended while no agent was there to see why.", true);
            return;
        }
        if (!borrowed(vm)) {
            connect(side, CONNECT_LIMIT);
        }
        rename(vm);
        watch(identity);
        watchHealth();
    }

    private static void connect(QemuSide side, Duration limit) throws InterruptedException {
        try {
            side.connect(limit);
        } catch (IOException e) {
            LOG.warn(
                    "The QEMU with process id {} does not answer now; it will be asked again.",
                    side.identity().pid(),
                    e);
        }
    }

    private void watch(ProcessIdentity identity) throws IOException {
        tools.exits().watch(identity, () -> mailbox.post(() -> deaths.died(identity)));
    }

    private void watchHealth() {
        if (record != null) {
            tools.health().watch(id, VmCodec.decode(record.getSpec()).health());
        }
    }

    /**
     * Of a VM that somebody else started: its names are its own still, and its monitor is held until the attempt is over.
     *
     * @throws Trial.Refused if an attempt could ask the running QEMU nothing, or would take a name from somebody else
     */
    void takeDoor() throws IOException, InterruptedException, Trial.Refused {
        AgentVm vm = Objects.requireNonNull(record);
        if (side == null || !vm.hasOrigin()) {
            return;
        }
        Optional<String> other = PublicNames.notOf(side.identity().pid(), Takeover.publicPaths(vm));
        if (other.isPresent()) {
            throw new Trial.Refused("IDENTITY_UNSURE", "The VM's names are not its own any more: " + other.get() + ".");
        }
        if (!borrowed(vm)) {
            return;
        }
        try {
            side.connect(DOOR_LIMIT);
        } catch (IOException e) {
            boolean busy = e instanceof QmpFailure failure && failure.reason() == QmpFailure.Reason.MONITOR_BUSY;
            throw new Trial.Refused(
                    busy ? "MONITOR_BUSY" : "MONITOR_UNREACHABLE",
                    "The monitor %s cannot be used: %s".formatted(side.control(), e.getMessage()));
        }
    }

    /** Its process has ended outside an attempt; another one's end, or an end that is known, is nothing new. */
    void died(ProcessIdentity identity) throws IOException {
        AgentVm vm = record;
        if (vm == null || !runs() || !identity(vm).equals(identity)) {
            return;
        }
        if (borrowed(vm)) {
            ended("GONE_UNSEEN", "Its QEMU ended; nobody here was connected to it to see why.", true);
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

    /** Its owner's order. */
    void stop() throws IOException {
        endProcesses();
        ended("STOPPED", "It was ended by its owner's order.", true);
    }

    /** What a VM that is over has left: a lost guest's frozen QEMUs and memory, kept as evidence until its owner orders anything. */
    void endLeftOvers() throws IOException {
        if (record != null && endProcesses()) {
            tidy(record, true);
        }
    }

    /** Everything that was ever started as this VM and may live: its process, a second one that was frozen with it, one of a start that was cut short. */
    private boolean endProcesses() throws IOException {
        AgentVm vm = Objects.requireNonNull(record);
        boolean found = tools.processes().endTagged(tags(vm), DEATH_LIMIT);
        if (vm.hasProcess()) {
            tools.processes().end(identity(vm), DEATH_LIMIT);
        }
        return found;
    }

    private Set<String> tags(AgentVm vm) {
        var tags = new HashSet<String>();
        tags.add(vm.getTag());
        log.lastDone().ifPresent(done -> tags.add(log.tag(done.generation())));
        return tags;
    }

    /** The VM is over on this host, which is told as soon as it is written. The memory of a lost guest is evidence and stays. */
    void ended(String reason, String sentence, boolean dropMemory) {
        AgentVm vm = record;
        if (vm == null || endWaits) {
            return;
        }
        try {
            save(vm.toBuilder()
                    .setEndedReason(reason)
                    .setEndedSentence(sentence)
                    .build());
        } catch (IOException e) {
            LOG.error("VM {}: that it is over ({}) cannot be written; tried again in {}", id, reason, END_AGAIN, e);
            endWaits = true;
            mailbox.postAfter(END_AGAIN, () -> {
                endWaits = false;
                if (vm.equals(record)) {
                    ended(reason, sentence, dropMemory);
                }
            });
            return;
        }
        tools.outbox().report(id, new VmFact.Exited(reason, sentence));
        tidy(vm, dropMemory);
    }

    /** Each as far as it goes: what stays behind is a nuisance, and the death has been told. */
    private void tidy(AgentVm vm, boolean dropMemory) {
        tools.health().forget(id);
        QemuSide last = side;
        side = null;
        // What others made is theirs.
        if (dropMemory && !vm.hasOrigin()) {
            asFarAsItGoes("memory", () -> tools.processes().dropMemory(Path.of(vm.getRamFile())));
        }
        asFarAsItGoes("sockets", () -> {
            // A frozen QEMU without them could be asked nothing any more, by nobody.
            if (!borrowed(vm) && (last == null || !last.alive())) {
                for (AgentVm.PublicPath path : vm.getPublicPathsList()) {
                    Files.deleteIfExists(Path.of(path.getPublic()));
                }
                Files.deleteIfExists(Path.of(vm.getControl()));
            }
        });
        if (last != null) {
            tools.exits().forget(last.identity());
            asFarAsItGoes("connection", last::close);
        }
        asFarAsItGoes("control group", () -> tools.processes().dropGroup(id));
    }

    private void asFarAsItGoes(String what, Mailbox.Work work) {
        try {
            work.run();
        } catch (IOException | RuntimeException e) {
            LOG.warn("VM {} is over, and its {} cannot be cleaned up", id, what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void becomes(Trial trial, QemuSide fresh, Outcome.Upgraded outcome) throws IOException {
        mailbox.call(() -> {
            boolean theirs = borrowed(trial.record());
            save(handedOver(trial.record(), trial.attempt().generation(), outcome));
            // Tried again after a failure it is the new one already.
            if (side != null && !side.identity().equals(fresh.identity())) {
                tools.exits().forget(side.identity());
                if (!theirs) {
                    Files.deleteIfExists(side.control());
                }
                side.close();
            }
            side = fresh;
            watch(fresh.identity());
        });
    }

    /** DONE is the truth; the record is written after it and may have missed it. */
    void catchUp(AttemptLog.Done done) throws IOException {
        AgentVm known = Objects.requireNonNull(record);
        if (done.outcome() instanceof Outcome.Upgraded upgraded
                && !upgraded.process().equals(VmCodec.decode(known.getProcess()))
                && done.generation().value() > known.getStartedBy()) {
            save(handedOver(known, done.generation(), upgraded));
        }
    }

    private AgentVm handedOver(AgentVm before, Generation generation, Outcome.Upgraded outcome) {
        String tag = log.tag(generation);
        return tools.processes()
                .handedOver(
                        before,
                        generation,
                        tag,
                        AttemptPaths.ofTag(tools.directories().sockets(before), tag)
                                .control(),
                        QemuStarter.shadows(before, generation),
                        outcome);
    }

    @Override
    public void publish(Trial trial) throws IOException {
        for (var shadow : QemuStarter.shadows(trial.record(), trial.attempt().generation())
                .entrySet()) {
            moveIfThere(trial.record(), Path.of(shadow.getValue()), Path.of(shadow.getKey()));
        }
    }

    /** publish() again, after a restart: a shadow of the generation that runs may still wait for its name. */
    private static void rename(AgentVm vm) throws IOException {
        for (AgentVm.PublicPath path : vm.getPublicPathsList()) {
            if (!path.getBound().equals(path.getPublic())) {
                moveIfThere(vm, Path.of(path.getBound()), Path.of(path.getPublic()));
            }
        }
    }

    private static void moveIfThere(AgentVm vm, Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            AgentVm.Origin origin = vm.getOrigin();
            Ownership.copy(to, from, origin.hasUser() ? origin.getUser() : Ownership.ours());
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void discard(Trial trial) throws IOException {
        for (String shadow : QemuStarter.shadows(trial.record(), trial.attempt().generation())
                .values()) {
            Files.deleteIfExists(Path.of(shadow));
        }
        Files.deleteIfExists(trial.paths().control());
        Files.deleteIfExists(trial.paths().stream());
        Files.deleteIfExists(trial.paths().channel());
    }

    /** It is still the process that somebody else started: its monitor is theirs, and is held only while an attempt needs it. */
    static boolean borrowed(AgentVm vm) {
        return vm.hasOrigin() && vm.getOrigin().getProcess().equals(vm.getProcess());
    }

    static ProcessIdentity identity(AgentVm vm) {
        QemuProcess process = VmCodec.decode(vm.getProcess());
        return new ProcessIdentity(process.bootId(), process.pid(), process.startTicks(), vm.getTag());
    }
}
