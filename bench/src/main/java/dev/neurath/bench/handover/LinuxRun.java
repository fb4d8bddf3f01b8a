package dev.neurath.bench.handover;

import dev.neurath.chaos.handover.Releases;
import dev.neurath.model.VmId;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.beat.BeatLog;
import dev.neurath.testbed.beat.BeatWatcher;
import dev.neurath.testbed.guest.LinuxGuest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The Linux guests of a run, one at a time and each fresh: booted on the old QEMU, adopted by the agent, handed over once, then left alone for as long. In turns
 * with them others are migrated live; a bare client cannot pass a tap device on, so there is none.
 */
final class LinuxRun implements AutoCloseable {
    /** A kernel boots in some seconds without a hypervisor, on a busy machine in a minute. */
    private static final Duration LIMIT = Duration.ofMinutes(3);
    /** About two seconds: what is run over and over is translated by then. */
    private static final long WARM_LINES = 20;
    /** What the hand-over holds up in the guest has passed by then. */
    private static final long LINES_AFTER = 3;

    private final Releases releases;
    private final AgentHost agent;
    private final BeatWatcher watcher;
    private final Path place;
    private final Consumer<String> tell;
    private final LinuxGuest guest;
    private final List<TapDevice> taps = new ArrayList<>();
    private int guests;

    LinuxRun(Releases releases, AgentHost agent, BeatWatcher watcher, Path place, Consumer<String> tell)
            throws IOException, InterruptedException {
        this.releases = releases;
        this.agent = agent;
        this.watcher = watcher;
        this.place = place;
        this.tell = tell;
        this.guest = LinuxGuest.fetch(UserCache.ofUser(), tell);
    }

    void measure(LinuxTable table, int count, int live) throws IOException, InterruptedException {
        try {
            taps.add(TapDevice.make("a"));
            taps.add(TapDevice.make("b"));
            // Whoever may make devices may still not be allowed to read their frames.
            new Pings(taps).close();
        } catch (IOException refused) {
            close();
            table.noTap(String.valueOf(refused.getMessage()));
        }
        try {
            for (int i = 0; i < count; i++) {
                LinuxFigures ours = ours();
                table.ours(ours);
                say("Linux, hand-over %d of %d".formatted(i + 1, count), ours);
                if (i < live) {
                    LinuxFigures copied = live();
                    table.live(copied);
                    say("Linux, live migration %d of %d".formatted(i + 1, Math.min(live, count)), copied);
                }
            }
        } catch (AgentHost.LeftAsItWas refused) {
            table.refused(String.valueOf(refused.getMessage()));
        }
    }

    private void say(String what, LinuxFigures figures) {
        tell.accept("%s: pause %.2f ms, %.0f of %.0f pings lost, longest silence %.1f ms"
                .formatted(
                        what,
                        figures.pauseMillis(),
                        figures.moved().lost(),
                        figures.moved().sent(),
                        figures.moved().silenceMillis()));
    }

    private interface Move {
        Duration once() throws IOException, InterruptedException;
    }

    private LinuxFigures ours() throws IOException, InterruptedException {
        try (var vm = started();
                var seen = watched(vm)) {
            VmId id = agent.adopt(vm.socket());
            LinuxFigures figures = seen.around(() -> agent.move(id).pause());
            agent.settle(id);
            agent.stop(id);
            return figures;
        }
    }

    private LinuxFigures live() throws IOException, InterruptedException {
        try (var vm = started();
                var seen = watched(vm)) {
            ProcessHandle old = vm.old();
            try (var qmp = new BareQmp();
                    var source = qmp.connect(vm.socket(), old::isAlive)) {
                return seen.around(() -> {
                    Process started = vm.startCopy();
                    try (BareQmp.Side target = qmp.connect(vm.copySocket(), started::isAlive)) {
                        Duration pause = LiveMigration.copied(qmp, source, target, vm.stream());
                        source.send("quit", Map.of());
                        old.onExit().join();
                        return pause;
                    }
                });
            }
        }
    }

    private LinuxVm started() throws IOException, InterruptedException {
        return new LinuxVm(releases, guest, place.resolve("linux" + ++guests), taps);
    }

    private Watched watched(LinuxVm vm) throws IOException, InterruptedException {
        BeatLog lines = watcher.watch(vm.lines());
        if (!lines.awaitBeatsAfter(lines.mark(), WARM_LINES, LIMIT)) {
            throw new IOException("the Linux guest does not tell of itself within " + LIMIT);
        }
        Pings pings = taps.isEmpty() ? null : new Pings(taps);
        if (pings != null) {
            pings.awaitAnswer(LIMIT);
        }
        return new Watched(watcher, lines, pings);
    }

    /** One guest as it is seen from outside. */
    private record Watched(
            BeatWatcher watcher, BeatLog lines, @Nullable Pings pings) implements AutoCloseable {

        LinuxFigures around(Move move) throws IOException, InterruptedException {
            BeatLog.Mark begun = lines.mark();
            Duration pause = move.once();
            if (!lines.awaitBeatsAfter(lines.mark(), LINES_AFTER, LIMIT)) {
                throw new IOException("the Linux guest does not tell of itself after it was moved");
            }
            BeatLog.Mark ended = lines.mark();
            LinuxFigures.Stretch moved = seen(begun, ended);
            BeatLog.Mark alone = lines.mark();
            TimeUnit.NANOSECONDS.sleep(ended.nanos() - begun.nanos());
            LinuxFigures.Stretch quiet = seen(alone, lines.mark());
            if (!lines.troubles().isEmpty()) {
                throw new IOException("the Linux guest is not whole: " + lines.troubles());
            }
            return new LinuxFigures(pause.toNanos() / 1e6, moved, quiet);
        }

        private LinuxFigures.Stretch seen(BeatLog.Mark from, BeatLog.Mark to) throws IOException, InterruptedException {
            Pings.Seen answers = pings == null ? null : pings.between(from.nanos(), to.nanos());
            return new LinuxFigures.Stretch(lines.largestGap(from, to).toNanos() / 1e6, answers);
        }

        @Override
        public void close() throws IOException {
            watcher.forget(lines);
            if (pings != null) {
                pings.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (TapDevice tap : taps) {
            tap.close();
        }
        taps.clear();
    }
}
