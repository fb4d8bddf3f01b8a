package dev.neurath.bench.handover;

import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.agent.vm.AgentDirectories;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.proto.v1.Release;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.beat.BeatLog;
import dev.neurath.testbed.beat.BeatWatcher;
import dev.neurath.testbed.guest.BeatGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The guests of a run, one at a time and each fresh: started on the old QEMU, beating, measured once, ended. The first of each kind warm up and do not
 * count. The two of a pair take turns in going first.
 */
final class HandOverRun implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** The guest has written all its memory by its first beat; these are for QEMU's translations. */
    private static final long WARM_BEATS = 500;

    private final Releases releases;
    private final Consumer<String> tell;
    private final Path place = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
    private final BeatWatcher watcher = BeatWatcher.start();
    private final AgentHost agent;
    private int guests;

    HandOverRun(Releases releases, Consumer<String> tell) throws IOException, InterruptedException {
        this.releases = releases;
        this.tell = tell;
        this.agent = new AgentHost(place, releases);
    }

    /** @param workingSetBytes what it writes round and round */
    record Guest(long ramBytes, long workingSetBytes) {
        static Guest of(long ramBytes, @Nullable Long workingSetBytes) {
            return new Guest(ramBytes, workingSetBytes == null ? ramBytes / 4 : workingSetBytes);
        }

        BeatGuest beating() {
            return BeatGuest.lively().over((int) (workingSetBytes >> 20));
        }

        String shown() {
            return (ramBytes >> 20) + " MiB";
        }
    }

    void measure(HandOverTable table, Guest guest, int pairs, int live, int warmUp)
            throws IOException, InterruptedException {
        for (int i = -warmUp; i < pairs; i++) {
            boolean bareFirst = Math.floorMod(i, 2) == 0;
            Optional<HandOverFigures> first = bareFirst ? Optional.of(bare(guest)) : Optional.empty();
            HandOverFigures ours = ours(guest);
            HandOverFigures bare = first.isPresent() ? first.get() : bare(guest);
            if (i < 0) {
                table.warmUpPair(bare, ours);
            } else {
                table.pair(bare, ours);
                tell.accept("%s, pair %d of %d: bare %.2f ms of %.0f, ours %.2f ms of %.0f"
                        .formatted(
                                guest.shown(),
                                i + 1,
                                pairs,
                                bare.pauseMillis(),
                                bare.totalMillis(),
                                ours.pauseMillis(),
                                ours.totalMillis()));
            }
        }
        for (int i = 0; i < live; i++) {
            HandOverFigures copied = live(guest);
            table.live(copied);
            tell.accept("%s, live migration %d of %d: pause %.0f ms of %.0f"
                    .formatted(guest.shown(), i + 1, live, copied.pauseMillis(), copied.totalMillis()));
        }
    }

    void measureLinux(LinuxTable table, int count, int live) throws IOException, InterruptedException {
        try (var linux = new LinuxRun(releases, agent, watcher, place, tell)) {
            linux.measure(table, count, live);
        }
    }

    private HandOverFigures ours(Guest guest) throws IOException, InterruptedException {
        VmSpec spec = spec(guest);
        BeatLog beats = watcher.watch(lines(spec.id()));
        agent.start(spec);
        try {
            awaitBeating(beats);
            HandOverFigures figures = agent.handOver(spec.id(), beats);
            agent.stop(spec.id());
            return figures;
        } finally {
            watcher.forget(beats);
        }
    }

    private HandOverFigures bare(Guest guest) throws IOException, InterruptedException {
        VmSpec spec = spec(guest);
        BeatLog beats = watcher.watch(lines(spec.id()));
        try (var vm = new BareVm(manifest(releases.from()), manifest(releases.to()), spec, place, beats)) {
            awaitBeating(beats);
            return BareHandOver.of(vm);
        } finally {
            watcher.forget(beats);
        }
    }

    private HandOverFigures live(Guest guest) throws IOException, InterruptedException {
        VmSpec spec = spec(guest);
        BeatLog beats = watcher.watch(lines(spec.id()));
        try (var vm = new BareVm(manifest(releases.from()), manifest(releases.to()), spec, place, beats)) {
            awaitBeating(beats);
            return LiveMigration.of(vm);
        } finally {
            watcher.forget(beats);
        }
    }

    private static void awaitBeating(BeatLog beats) throws IOException, InterruptedException {
        if (!beats.awaitBeatsAfter(beats.mark(), WARM_BEATS, LIMIT)) {
            throw new IOException("a guest does not beat within " + LIMIT + " of its start");
        }
    }

    private VmSpec spec(Guest guest) throws IOException {
        var vm = new VmId("g" + ++guests);
        return new VmSpec(
                vm,
                new ReleaseId(releases.from().getId()),
                releases.machine(),
                "qemu64",
                "tcg",
                1,
                guest.ramBytes(),
                List.of(),
                List.of(),
                new VmSpec.Boot(null, null, null, null),
                guest.beating().arguments(UserCache.ofUser(), lines(vm)),
                Map.of(),
                Duration.ofMillis(200),
                List.of(new VmSpec.HealthProbe.Beat(lines(vm).toString())));
    }

    private Path lines(VmId vm) {
        return place.resolve(vm + ".beats");
    }

    private static ReleaseManifest manifest(Release release) {
        return new ReleaseManifest(
                release.getId(),
                release.getVersion(),
                release.getArgvPrefixList(),
                release.getEnvironmentMap(),
                List.of());
    }

    /** Ends whatever a run that failed left behind. */
    @Override
    public void close() throws IOException {
        agent.close();
        LeftBehind.end(place + "/");
        watcher.close();
        ControlGroup.sweep(AgentDirectories.groupPrefix(place.resolve("state"), AgentHost.HOST.value()));
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
