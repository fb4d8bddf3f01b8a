package dev.neurath.bench.handover;

import dev.neurath.agent.AgentOptions;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.vm.Agent;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.chaos.handover.RulesCoordinator;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Adoption;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.Inspect;
import dev.neurath.proto.v1.Inspection;
import dev.neurath.proto.v1.Question;
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
import java.util.function.Consumer;

/** Ours: the agent as it is, with everything that it checks and writes down, led by the product's rules without a coordinator's actors or database. */
final class AgentHost implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration PAUSE_BUDGET = Duration.ofSeconds(5);
    /** Of this JVM alone: a host id is locked machine-wide. */
    static final HostId HOST = new HostId("bench-" + ProcessHandle.current().pid());

    private final Path place;
    private final Releases releases;
    private final RulesCoordinator coordinator;
    private final Agent agent;
    /** Called before each step of an attempt, on its thread. */
    private final AtomicReference<Consumer<Step>> watching = new AtomicReference<>(step -> {});

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
                new Watching());
        coordinator.awaitAgent(LIMIT);
    }

    private final class Watching implements HoldPoints {
        @Override
        public void before(VmId vm, Generation generation, Step step) {
            watching.get().accept(step);
        }
    }

    void start(VmSpec spec) throws InterruptedException {
        coordinator.command(spec.id(), new VmCommand.Start(spec, HOST, Actor.LOCAL));
        coordinator.awaitPhase(spec.id(), VmPhase.STEADY, LIMIT);
    }

    /** Takes a QEMU over that somebody else has started, by its monitor. */
    VmId adopt(Path socket) throws IOException, InterruptedException {
        var question = Question.newBuilder()
                .setInspect(Inspect.newBuilder().setPath(socket.toString()))
                .build();
        Inspection.Candidate found =
                coordinator.ask(question, LIMIT).getInspection().getCandidates(0);
        if (found.hasRefusal()) {
            throw new IOException(found.getRefusal().getSentence());
        }
        VmSpec spec = VmCodec.decode(found.getSpec().toBuilder()
                .setPauseBudget(VmCodec.encode(PAUSE_BUDGET))
                .build());
        coordinator.command(
                spec.id(),
                new VmCommand.Adopt(spec, HOST, new Adoption(VmCodec.decode(found.getProcess()), false), Actor.LOCAL));
        VmState adopted =
                coordinator.await(spec.id(), vm -> vm.phase() == VmPhase.STEADY || vm.phase() == VmPhase.GONE, LIMIT);
        if (adopted.phase() != VmPhase.STEADY) {
            throw new IOException("the agent does not adopt the QEMU at " + socket + ": " + adopted.lastEnd());
        }
        return spec.id();
    }

    HandOverFigures handOver(VmId vm, BeatLog beats) throws IOException, InterruptedException {
        var meter = Meter.begin(beats, pid(coordinator.vm(vm)), Meter.sharedBelow(place));
        // A stamp costs nothing beside what it stamps; old is asked when new runs, which delays nothing that counts as
        // the pause.
        watching.set(step -> {
            meter.enters(Part.of(step));
            if (step == Step.KILL_OLD) {
                try {
                    meter.oldEnds();
                } catch (IOException e) {
                    throw new UncheckedIOException("old cannot be asked what it spent", e);
                }
            }
        });
        try {
            Moved moved = move(vm);
            HandOverFigures figures = meter.end(moved.pause(), moved.pid());
            settle(vm);
            return figures;
        } finally {
            watching.set(step -> {});
        }
    }

    /** What became of a VM: its guest runs on in another process. */
    record Moved(Duration pause, long pid) {}

    /** Old is gone when this returns, and the agent may still look whether the guest gives signs of life. */
    Moved move(VmId vm) throws IOException, InterruptedException {
        long old = pid(coordinator.vm(vm));
        coordinator.command(
                vm,
                new VmCommand.Upgrade(
                        new RolloutId("r-" + vm),
                        0,
                        1,
                        new ReleaseId(releases.to().getId()),
                        Method.CPR_TRANSFER,
                        releases.from().getVersion(),
                        PAUSE_BUDGET));
        VmState after = coordinator.await(vm, now -> pid(now) != old || !now.inFlight(), LIMIT);
        if (pid(after) == old) {
            throw new LeftAsItWas("the agent left " + vm + " as it was: " + after.lastEnd());
        }
        return new Moved(pause(vm), pid(after));
    }

    /** Nothing went wrong, and nothing was done to the guest. */
    static final class LeftAsItWas extends IOException {
        LeftAsItWas(String sentence) {
            super(sentence);
        }
    }

    void settle(VmId vm) throws InterruptedException {
        coordinator.await(vm, now -> !now.inFlight(), LIMIT);
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
