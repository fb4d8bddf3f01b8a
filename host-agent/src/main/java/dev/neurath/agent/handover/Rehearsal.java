package dev.neurath.agent.handover;

import dev.neurath.model.handover.Input;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The step REHEARSE: the guest's own state, read while it stands still, is loaded by a throw-away of the new release that sees the guest's memory copied on write.
 * Whatever the verdict, recovery takes the attempt back: the throw-away is ended and the guest goes on.
 *
 * <p>Only a throw-away that refused the state is a no. What it was built without, a network back-end above all, and whatever else keeps it from trying says
 * nothing.
 */
final class Rehearsal {
    /** The outcome of one that was passed, and was not followed by its hand-over. */
    static final String PASSED = "REHEARSED";

    static final String REFUSED = "REHEARSAL_REFUSED";
    static final String INCONCLUSIVE = "REHEARSAL_INCONCLUSIVE";

    /** Until the guest is stopped nothing hurts; the limit only ends what hangs. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private static final Duration PACE = Duration.ofMillis(2);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(1);

    /** Of the back-ends that a throw-away has not (hw/net/virtio-net.c, net/slirp.c): they stand in the stream, and are no part of the guest. */
    private static final List<String> BACK_ENDS =
            List.of("vnet_hdr", "saved image requires", "slirp", "vhost", "backend");

    private final QemuSide old;
    private final QemuSide throwAway;
    private final Trial trial;
    private final HoldPoints holds;
    private final Trial.Launcher launcher;
    private final OldWatch watch;
    private final PauseClock pause;

    Rehearsal(
            QemuSide old,
            QemuSide throwAway,
            Trial trial,
            HoldPoints holds,
            Trial.Launcher launcher,
            OldWatch watch,
            PauseClock pause) {
        this.old = old;
        this.throwAway = throwAway;
        this.trial = trial;
        this.holds = holds;
        this.launcher = launcher;
        this.watch = watch;
        this.pause = pause;
    }

    static Trial.Refused inconclusive(String sentence) {
        return new Trial.Refused(INCONCLUSIVE, "The rehearsal could not be held: " + sentence);
    }

    /** The guest may stand still when this returns. */
    Input held() throws InterruptedException, Trial.Refused {
        long end = System.nanoTime() + LONGEST.toNanos();
        try {
            return held(end);
        } catch (IOException e) {
            return left(end) <= 0 ? stuck() : new Input.Failed(INCONCLUSIVE, "It broke off: " + e.getMessage());
        }
    }

    private Input held(long end) throws IOException, InterruptedException, Trial.Refused {
        Path listens = trial.paths().channel();
        throwAway.forgetMigration();
        throwAway.execute("migrate-incoming", Map.of("uri", "unix:" + listens));
        try (StateStream stream = StateStream.listening(trial.paths().stream());
                StateStream.Sink sink = StateStream.connected(listens)) {
            if (trial.record().getOrigin().hasUser()) {
                stream.giveTo(trial.record().getOrigin().getUser());
            }
            old.forgetMigration();
            pause.stops(System.nanoTime());
            old.execute(
                    "migrate",
                    Map.of(
                            "uri",
                            "unix:" + holds.stream(trial.vm(), trial.attempt().generation(), trial.paths().stream())));
            byte[] state = stream.receive(() -> left(end));
            Optional<Input.Failed> unsent = awaitOld(end);
            if (unsent.isPresent()) {
                return unsent.get();
            }
            sink.send(state, () -> left(end));
            return verdict(end);
        }
    }

    /** @return nanoseconds that are left of what the guest may stand still for, and of the whole */
    private long left(long end) {
        long now = System.nanoTime();
        long byPause = watch.stopped()
                ? old.lastStop()
                        .map(stop -> stop.receivedNanos()
                                + trial.attempt().pauseLimit().toNanos()
                                - now)
                        .orElse(Long.MAX_VALUE)
                : Long.MAX_VALUE;
        return Math.min(byPause, end - now);
    }

    /** It has written everything; without a return path it is done by itself. */
    private Optional<Input.Failed> awaitOld(long end) throws InterruptedException {
        while (left(end) > 0) {
            String migration = old.migration();
            if (migration.equals("completed")) {
                return Optional.empty();
            }
            if (migration.equals("failed") || migration.equals("cancelled") || !old.unbroken()) {
                return Optional.of(new Input.Failed(INCONCLUSIVE, "The running QEMU gave its state up: " + words(old)));
            }
            old.awaitNews(() -> !old.migration().equals(migration) || !old.unbroken(), PACE);
        }
        return Optional.of(stuck());
    }

    private Input verdict(long end) throws IOException, InterruptedException {
        while (left(end) > 0) {
            String migration = throwAway.migration();
            if (migration.equals("completed")) {
                return new Input.Done();
            }
            if (migration.equals("failed") || !throwAway.alive()) {
                return refused();
            }
            boolean heard = throwAway.unbroken();
            throwAway.awaitNews(() -> !throwAway.migration().equals(migration) || throwAway.unbroken() != heard, PACE);
        }
        return stuck();
    }

    private Input.Failed refused() throws IOException, InterruptedException {
        String complaint = launcher.complaint(trial);
        if (complaint.isEmpty() && !throwAway.alive()) {
            // Whoever refuses a state says why before it ends.
            return new Input.Failed(INCONCLUSIVE, "The throw-away was gone before it had said anything.");
        }
        String why = complaint.isEmpty() ? words(throwAway) : complaint;
        boolean backEnd = BACK_ENDS.stream().anyMatch(why::contains);
        return backEnd
                ? new Input.Failed(INCONCLUSIVE, "The throw-away lacks a back-end of the guest's: " + why)
                : new Input.Failed(
                        REFUSED, "A throw-away of the new release did not take the guest's own state: " + why);
    }

    private Input.Failed stuck() {
        return watch.stopped()
                ? new Input.Failed(
                        "PAUSE_LIMIT",
                        "The guest had been stopped for "
                                + trial.attempt().pauseLimit().toMillis() + " ms and its rehearsal had no verdict.")
                : new Input.Failed(INCONCLUSIVE, "Nothing was rehearsed within " + LONGEST.toSeconds() + " s.");
    }

    private static String words(QemuSide side) throws InterruptedException {
        return side.ask(ANSWER_LIMIT)
                .map(QemuSide.Words::error)
                .filter(text -> !text.isEmpty())
                .orElse("it gave no reason");
    }
}
