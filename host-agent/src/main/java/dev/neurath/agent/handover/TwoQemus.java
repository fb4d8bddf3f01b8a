package dev.neurath.agent.handover;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.model.handover.NewStatus;
import dev.neurath.model.handover.OldStatus;
import dev.neurath.model.handover.Role;
import dev.neurath.model.handover.SideStatus;
import dev.neurath.model.handover.Sides;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The two QEMUs of one attempt as processes: which they are, what they say when they are asked, and how they are ended. It speaks no QMP command that changes
 * anything; those are {@link Transfer}'s, {@link Crossing}'s and {@link WayBack}'s.
 */
final class TwoQemus {
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(10);

    private final Trial trial;
    private final QemuSide old;
    private final QmpConnector connector;
    private final OldWatch watch;
    private @Nullable QemuSide fresh;
    private boolean startedHere;
    private boolean oldLivedAtLook;
    private String oldRunState = "";

    TwoQemus(Trial trial, QemuSide old, QmpConnector connector) {
        this.trial = trial;
        this.old = old;
        this.connector = connector;
        // The connection outlives attempts: what an earlier one stopped and resumed is not this one's pause.
        this.watch = new OldWatch(old);
    }

    QemuSide old() {
        return old;
    }

    OldWatch watch() {
        return watch;
    }

    /** Empty if it was never started or not found yet. */
    Optional<QemuSide> fresh() {
        return Optional.ofNullable(fresh);
    }

    QemuSide theNew() throws Trial.Refused {
        if (fresh == null) {
            throw new Trial.Refused("NEW_NOT_STARTED", "There is no new QEMU.");
        }
        return fresh;
    }

    QemuSide started(ProcessIdentity identity) throws IOException {
        fresh = side(identity);
        startedHere = true;
        return fresh;
    }

    private QemuSide side(ProcessIdentity identity) throws IOException {
        return QemuSide.of(identity, trial.paths().control(), connector);
    }

    /** After a restart, or a crash between its start and the note of it, the new QEMU is found by its control socket. */
    void findNew() throws IOException {
        if (fresh == null) {
            List<ProcessIdentity> strays = strays();
            if (!strays.isEmpty()) {
                fresh = side(strays.getFirst());
            }
        }
    }

    private List<ProcessIdentity> strays() throws IOException {
        return ProcessScan.listeningAt(trial.paths().control(), trial.paths().tag());
    }

    /** What the rules are told of a look that found {@code source} and {@code target}. */
    Sides seen(OldStatus source, NewStatus target, boolean switched) throws IOException, InterruptedException {
        oldLivedAtLook = source != OldStatus.DEAD;
        // The last words of the dead are heard first: a SHUTDOWN among them makes all the difference.
        boolean stood = !oldLivedAtLook && watch.stoodToItsEnd();
        QemuSide side = fresh;
        if (side != null && target == NewStatus.DEAD) {
            side.hearOut(OldWatch.HEARING_LIMIT);
        }
        boolean shutdown = watch.shutDown() || (side != null && side.shutdownSeen());
        boolean unfit = target == NewStatus.STAGED && switched && oldWasReset();
        return new Sides(true, source, unfit ? NewStatus.BAD : target, shutdown, stood);
    }

    /** What was decided for a living old does not hold for a dead one. */
    boolean oldDiedSinceLook() throws IOException {
        return oldLivedAtLook && !old.alive();
    }

    /** @param switched SWITCH was written */
    OldStatus oldStatus(boolean switched) throws IOException, InterruptedException {
        boolean alive = old.alive();
        boolean frozen = alive && old.frozen();
        OldWatch.Before before = watch.beforeLook();
        Optional<QemuSide.Words> words = alive && !frozen ? old.ask(old.patience()) : Optional.empty();
        return oldStatus(switched, frozen, words, before);
    }

    private OldStatus oldStatus(
            boolean switched, boolean frozen, Optional<QemuSide.Words> words, OldWatch.Before before)
            throws IOException {
        oldRunState = words.map(QemuSide.Words::runState).orElse("");
        String migration = words.map(QemuSide.Words::migration).orElse("");
        // QEMU remembers how its last migration ended: before SWITCH that is the word of an earlier attempt.
        boolean stale = !switched && migration.equals("completed");
        OldStatus seen =
                SideStatus.ofOld(old.alive(), frozen, words.isPresent(), oldRunState, stale ? "none" : migration);
        watch.looked(seen, before);
        return seen;
    }

    /**
     * Once both have told that the migration is completed: whether that is proof enough. Each says so after all that it changes itself ("as soon as an external
     * observer sees this event they might start to prod at the VM", QEMU's process_incoming_migration_bh), and whoever lets one run is heard on the same
     * connection, if only it stood all the time. Asking both takes 2 ms, because old is busy ending its migration.
     */
    boolean toldStaged() {
        QemuSide side = fresh;
        return side != null
                && watch.unbroken()
                && watch.stopped()
                && !watch.resumed()
                && side.connections() == 1
                && side.unbroken()
                && side.resumes() == 0;
    }

    record Both(OldStatus source, NewStatus target) {}

    /** Both at once, after SWITCH and while the guest stands still. One that answers is not frozen, so its tasks need not be looked at. */
    Both both() throws IOException, InterruptedException, Trial.Refused {
        OldWatch.Before before = watch.beforeLook();
        QemuSide.Asked askedNew = theNew().asking(theNew().patience());
        Optional<QemuSide.Words> words = old.asking(old.patience()).answer();
        OldStatus source = words.isPresent() ? oldStatus(true, false, words, before) : oldStatus(true);
        return new Both(source, newStatus(Role.HAND_OVER, askedNew.answer()));
    }

    /** After SWITCH: old was reset since. That rewrote memory which new sees too, and new must not run on it. */
    boolean oldWasReset() {
        return watch.upset() || oldRunState.equals("prelaunch");
    }

    NewStatus newStatus(Role role) throws IOException, InterruptedException {
        QemuSide side = fresh;
        if (side == null || !side.alive()) {
            return NewStatus.DEAD;
        }
        return newStatus(role, side.ask(side.patience()));
    }

    NewStatus newStatus(Role role, Optional<QemuSide.Words> words) throws IOException {
        QemuSide side = fresh;
        return SideStatus.ofNew(
                role,
                side != null && side.alive(),
                words.isPresent(),
                words.map(QemuSide.Words::runState).orElse(""),
                words.map(QemuSide.Words::migration).orElse(""),
                side != null && side.resumes() > 0);
    }

    void killOld() throws IOException {
        kill(old);
    }

    /** Returns when nothing that this attempt started lives. */
    void killNew() throws IOException {
        findNew();
        if (fresh != null) {
            kill(fresh);
        }
        if (startedHere) {
            // The one process of its tag. Walking through all of the host takes longer than a guest may stand still.
            return;
        }
        // Between the start of a process and the note of it the agent may have died: no QEMU with this tag may stay.
        for (ProcessIdentity stray : strays()) {
            try (QemuSide side = side(stray)) {
                kill(side);
            }
        }
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
}
