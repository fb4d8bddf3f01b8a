package dev.neurath.bench.handover;

import dev.neurath.agent.AgentOptions;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.vm.Agent;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.chaos.handover.RulesCoordinator;
import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.testbed.beat.BeatLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** Ours: the agent as it is, with everything that it checks and writes down, led by the product's rules without a coordinator's actors or database. */
final class AgentHost implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final HostId HOST = new HostId("h1");

    private final Path place;
    private final Releases releases;
    private final RulesCoordinator coordinator;
    private final Agent agent;
    private final AtomicReference<Runnable> oldEnds = new AtomicReference<>(() -> {});

    AgentHost(Path place, Releases releases) throws IOException, InterruptedException {
        this.place = place;
        this.releases = releases;
        this.coordinator = new RulesCoordinator(
                HOST,
                ReleaseCatalog.newBuilder()
                        .addReleases(releases.from())
                        .addReleases(releases.to())
                        .build());
        this.agent = Agent.start(
                AgentOptions.parse(
                        List.of(
                                "--host",
                                HOST.value(),
                                "--coordinator",
                                coordinator.address(),
                                "--plaintext",
                                "--state",
                                place.resolve("state").toString(),
                                "--run",
                                place.resolve("r").toString(),
                                "--ram",
                                place.toString()),
                        Map.of()),
                new BeforeOldEnds());
        coordinator.awaitAgent(LIMIT);
    }

    /** New runs by then: this delays nothing that is measured as the pause. */
    private final class BeforeOldEnds implements HoldPoints {
        @Override
        public void before(VmId vm, Generation generation, Step step) {
            if (step == Step.KILL_OLD) {
                oldEnds.get().run();
            }
        }
    }

    void start(VmSpec spec) throws InterruptedException {
        coordinator.command(spec.id(), new VmCommand.Start(spec, HOST, Actor.LOCAL));
        coordinator.awaitPhase(spec.id(), VmPhase.STEADY, LIMIT);
    }

    HandOverFigures handOver(VmId vm, BeatLog beats) throws IOException, InterruptedException {
        long old = pid(coordinator.vm(vm));
        var meter = Meter.begin(beats, old, Meter.sharedBelow(place));
        oldEnds.set(() -> {
            try {
                meter.oldEnds();
            } catch (IOException e) {
                throw new UncheckedIOException("old cannot be asked what it spent", e);
            }
        });
        coordinator.command(
                vm,
                new VmCommand.Upgrade(
                        new RolloutId("r-" + vm),
                        0,
                        1,
                        new ReleaseId(releases.to().getId()),
                        Method.CPR_TRANSFER,
                        releases.from().getVersion(),
                        Duration.ofSeconds(5)));
        VmState after = coordinator.await(vm, now -> pid(now) != old || !now.inFlight(), LIMIT);
        if (pid(after) == old) {
            throw new IOException("the agent left " + vm + " as it was: " + after.lastEnd());
        }
        HandOverFigures figures = meter.end(pause(vm), pid(after));
        coordinator.await(vm, now -> !now.inFlight(), LIMIT);
        return figures;
    }

    private static long pid(VmState vm) {
        return Objects.requireNonNull(vm.process(), vm::toString).pid();
    }

    private Duration pause(VmId vm) throws IOException {
        // Guests come one after another, so the last hand-over is this one's.
        for (VmEvent event : coordinator.journal().reversed()) {
            if (event instanceof VmEvent.HandedOver handedOver
                    && handedOver.pause() instanceof Pause.Measured measured) {
                return measured.duration();
            }
        }
        throw new IOException("the agent did not measure the pause of " + vm);
    }

    void stop(VmId vm) throws InterruptedException {
        coordinator.command(vm, new VmCommand.Stop(Actor.LOCAL));
        coordinator.awaitPhase(vm, VmPhase.GONE, LIMIT);
    }

    @Override
    public void close() throws IOException {
        try {
            agent.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        coordinator.close();
    }
}
