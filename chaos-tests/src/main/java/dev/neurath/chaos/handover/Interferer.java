package dev.neurath.chaos.handover;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmSpec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Does to one VM what its cell says, while its hand-over is held. The agent is told nothing. */
final class Interferer implements AutoCloseable {
    private static final Set<CrashStep> FROZEN =
            Set.of(step(Step.CONT_NEW), step(Step.AWAIT_RUNNING), step(Step.KILL_OLD));
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** Longer than the agent waits for `cont` and for `running` together. */
    private static final Duration STALL = Duration.ofSeconds(12);
    /** Long enough for new to be refused, and old after it. */
    private static final Duration LOCKED = Duration.ofSeconds(4);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
    /** Where QEMU's file driver keeps its locks (block/file-posix.c: 100 for what is used, 200 for what is shared). */
    private static final long LOCKS_FROM = 100;

    private static final long LOCKS = 200;
    private static final long DISK_BYTES = 1 << 20;

    private final Stage stage;
    private final InterferenceCell cell;
    private final VmId vm;
    private final QmpConnector connector;
    private final List<CompletableFuture<JsonNode>> unanswered = new ArrayList<>();
    private @Nullable Owner owner;
    private @Nullable FileChannel image;
    private @Nullable Path program;
    private long actedNanos;

    Interferer(Stage stage, InterferenceCell cell, VmId vm, QmpConnector connector) {
        this.stage = stage;
        this.cell = cell;
        this.vm = vm;
        this.connector = connector;
    }

    /** Whoever is continued has to take back its image's lock, and the other must have given it up. */
    List<VmSpec.Disk> disks() throws IOException {
        try (FileChannel fresh = FileChannel.open(
                disk(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            fresh.write(java.nio.ByteBuffer.allocate(1), DISK_BYTES - 1);
        }
        return List.of(new VmSpec.Disk("d0", disk().toString(), "raw", false));
    }

    private Path disk() {
        return stage.path().resolve(vm + ".img");
    }

    /** Before the hand-over begins. */
    void prepare(Path oldsProgram) throws IOException, InterruptedException {
        program = oldsProgram;
        switch (cell.by()) {
            case NEW_ENDS_AT_START -> arguments("-no-such-argument");
            // Old's stream has the state of a device that this one will not have: seen only when it arrives.
            case NEW_REFUSES_STATE -> arguments("-machine\nhpet=off");
            default -> {
                if (cell.by().by() == Interference.By.OWNER) {
                    owner = owner();
                }
            }
        }
    }

    private void arguments(String lines) throws IOException {
        Files.writeString(HeldSteps.arguments(stage.holds(), vm), lines);
    }

    /** Whoever holds the public name now. */
    Owner owner() throws IOException, InterruptedException {
        return Owner.at(
                connector,
                Path.of(Objects.requireNonNull(stage.coordinator().vm(vm).process())
                        .qmp()));
    }

    /** While it is held. */
    void act() throws IOException, InterruptedException {
        actedNanos = System.nanoTime();
        switch (cell.by()) {
            case PAUSE -> command("stop", Map.of(), () -> {});
            case RESET -> command("system_reset", Map.of(), () -> theOwner().awaitEvent("RESET"));
            case QUIT -> command("quit", Map.of(), this::awaitOldsEnd);
            case POWER_OFF ->
                // PM1a_CNT of this machine type: sleep enable, type 0, which is S5.
                command("human-monitor-command", Map.of("command-line", "o/w 0x604 0x2000"), this::awaitOldsEnd);
            case CONT -> command("cont", Map.of(), () -> {});
            case NEW_HANGS, NEW_STALLS -> signalNew(Linux.SIGSTOP);
            case NEW_REFUSES_CONT -> lockImage();
            case RELEASE_MISSING -> Files.delete(theProgram());
            case RELEASE_WRONG_HASH -> Files.write(theProgram(), new byte[1], StandardOpenOption.APPEND);
            case RELEASE_NOT_EXECUTABLE ->
                Files.setPosixFilePermissions(theProgram(), PosixFilePermissions.fromString("rw-r--r--"));
            case DISK_FULL -> Files.writeString(HeldSteps.diskFull(stage.holds(), vm), "");
            case ORDER_TWICE, ORDER_LATE, ORDER_OF_ANOTHER_SESSION, ORDER_BELOW_FLOOR -> order();
            // Planted already.
            case NEW_ENDS_AT_START, NEW_REFUSES_STATE -> {}
        }
    }

    private interface Seen {
        void await() throws IOException, InterruptedException;
    }

    private void command(String command, Map<String, ?> arguments, Seen effect)
            throws IOException, InterruptedException {
        // In the middle of the stream QEMU's monitor waits for it, and a frozen process for somebody who thaws it.
        boolean deaf = cell.step().equals(CrashStep.MID_STREAM) || FROZEN.contains(cell.step());
        if (!deaf && cell.step().equals(step(Step.AWAIT_STAGED))) {
            theOwner().awaitStatus("postmigrate"::equals);
        }
        CompletableFuture<JsonNode> answer = theOwner().send(command, arguments);
        if (deaf) {
            unanswered.add(answer);
        } else {
            answered(command, answer);
            effect.await();
        }
    }

    private static void answered(String command, CompletableFuture<JsonNode> answer)
            throws IOException, InterruptedException {
        try {
            answer.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (java.util.concurrent.TimeoutException | java.util.concurrent.ExecutionException e) {
            // A QEMU that was told to end may be gone before it has answered.
            if (!command.equals("quit") && !command.equals("human-monitor-command")) {
                throw new IOException("old did not do what its owner said: " + command, e);
            }
        }
    }

    private void awaitOldsEnd() throws IOException, InterruptedException {
        ProcessIdentity old =
                Stage.identity(Objects.requireNonNull(stage.coordinator().vm(vm).process()));
        Optional<PidFd> opened = PidFd.open(old);
        if (opened.isPresent()) {
            try (PidFd handle = opened.get()) {
                if (!handle.awaitExit(LIMIT)) {
                    throw new IOException("old does not end, though its owner said so");
                }
            }
        }
    }

    private void signalNew(int signal) throws IOException {
        List<ProcessIdentity> found = stage.newQemus(vm);
        if (found.isEmpty()) {
            throw new IllegalStateException("there is no new QEMU of " + vm);
        }
        for (ProcessIdentity process : found) {
            Optional<PidFd> opened = PidFd.open(process);
            if (opened.isPresent()) {
                try (PidFd handle = opened.get()) {
                    handle.signal(signal);
                }
            }
        }
    }

    /** Old gave its lock up when it stopped; new takes it when it has everything. */
    private void lockImage() throws IOException, InterruptedException {
        FileChannel file = FileChannel.open(disk(), StandardOpenOption.READ, StandardOpenOption.WRITE);
        image = file;
        long end = System.nanoTime() + LIMIT.toNanos();
        FileLock lock = file.tryLock(LOCKS_FROM, LOCKS, false);
        while (lock == null) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("old still holds the lock of " + disk());
            }
            waitFor(LOOK_AGAIN);
            lock = file.tryLock(LOCKS_FROM, LOCKS, false);
        }
    }

    private void order() {
        var coordinator = (RulesCoordinator) stage.coordinator();
        Attempt attempt = Objects.requireNonNull(coordinator.vm(vm).attempt());
        Generation g = attempt.generation();
        switch (cell.by()) {
            case ORDER_TWICE -> {
                for (int i = 0; i < 2; i++) {
                    coordinator.stray(vm, new VmOrder.Prepare(g, attempt));
                    // Before READY it is too early, and must not count later.
                    if (!cell.step().within(step(Step.LOG_BEGIN), step(Step.CHECK_NEW))) {
                        coordinator.stray(vm, new VmOrder.Switch(g));
                    }
                }
                coordinator.repeat();
            }
            case ORDER_LATE -> {
                coordinator.ordersLate(vm);
                coordinator.repeat();
            }
            case ORDER_OF_ANOTHER_SESSION -> {
                coordinator.strayOfAnother(vm, new VmOrder.Resolve(g));
                coordinator.strayOfAnother(vm, new VmOrder.Stop(g.next()));
                coordinator.strayOfAnother(vm, new VmOrder.Prepare(g.next(), of(attempt, g.next())));
            }
            case ORDER_BELOW_FLOOR -> {
                var below = new Generation(g.value() - 1);
                coordinator.stray(vm, new VmOrder.Prepare(below, of(attempt, below)));
                coordinator.stray(vm, new VmOrder.Switch(below));
                coordinator.stray(vm, new VmOrder.Resolve(below));
                coordinator.stray(vm, new VmOrder.Stop(below));
            }
            default -> throw new IllegalStateException(cell + " is no order");
        }
    }

    private static Attempt of(Attempt attempt, Generation generation) {
        return new Attempt(
                generation,
                attempt.rollout(),
                attempt.wave(),
                attempt.release(),
                attempt.method(),
                attempt.fromVersion(),
                attempt.pauseLimit());
    }

    /** @return true for what does not last for ever */
    boolean passes() {
        return switch (cell.by()) {
            case NEW_STALLS, NEW_REFUSES_CONT, DISK_FULL -> true;
            default -> false;
        };
    }

    /** Until the agent has met what came in between. */
    void awaitMet() throws InterruptedException {
        if (cell.by() == Interference.DISK_FULL) {
            stage.awaitAll(
                    List.of(vm), "meet the full disk", id -> Files.exists(HeldSteps.diskRefused(stage.holds(), id)));
            return;
        }
        Duration lasts = cell.by() == Interference.NEW_STALLS ? STALL : LOCKED;
        waitFor(lasts.minusNanos(System.nanoTime() - actedNanos));
    }

    void lift() throws IOException {
        switch (cell.by()) {
            case NEW_STALLS -> signalNew(Linux.SIGCONT);
            case DISK_FULL -> Files.delete(HeldSteps.diskFull(stage.holds(), vm));
            case NEW_REFUSES_CONT -> Objects.requireNonNull(image).close();
            default -> throw new IllegalStateException(cell + " does not pass");
        }
    }

    private synchronized void waitFor(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        }
    }

    private Owner theOwner() {
        return Objects.requireNonNull(owner, "the owner's connection");
    }

    private Path theProgram() {
        return Objects.requireNonNull(program, "the new QEMU's program");
    }

    private static CrashStep step(Step step) {
        return new CrashStep(step.label());
    }

    /** The owner leaves: his place is free for another. */
    @Override
    public void close() throws IOException {
        if (owner != null) {
            owner.close();
        }
        if (image != null) {
            image.close();
        }
    }
}
