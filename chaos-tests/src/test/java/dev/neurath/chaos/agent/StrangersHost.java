package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.Inspect;
import dev.neurath.proto.v1.Inspection;
import dev.neurath.proto.v1.Question;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.ReleaseCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** One host with an agent of its own, under a coordinator that is the product's rules; strangers' VMs are adopted and upgraded on it. */
abstract class StrangersHost {
    static final Duration LIMIT = Duration.ofSeconds(60);
    static final HostId HOST = new HostId("adopt-" + ProcessHandle.current().pid());

    Path place;
    RulesCoordinator coordinator;
    private Agent agent;
    Release from;
    Release to;
    /** What virtio devices of it bring with them, the releases after it do not take. */
    Release tooNew;

    List<String> more = List.of();
    /** Called before each step of an attempt, on its thread. */
    Consumer<Step> before = step -> {};

    @BeforeEach
    void start() throws Exception {
        place = Files.createTempDirectory(Path.of("/dev/shm"), "nea");
        from = release("10.0.2");
        to = release("11.1.3");
        tooNew = release("10.0.13");
        coordinator = new RulesCoordinator(
                HOST,
                ReleaseCatalog.newBuilder()
                        .addReleases(from)
                        .addReleases(to)
                        .addReleases(tooNew)
                        .build());
        agent = startAgent();
    }

    Release release(String version) throws Exception {
        return Releases.release(version, line -> {});
    }

    List<String> options() {
        return List.of(
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
                place.toString());
    }

    private Agent startAgent() throws Exception {
        Agent started = Agent.start(AgentOptions.parse(options(), Map.of()), new HoldPoints() {
            @Override
            public void before(VmId vm, Generation generation, Step step) {
                before.accept(step);
            }

            @Override
            public List<String> argv(VmId vm, Generation generation, List<String> argv) {
                return Stream.concat(argv.stream(), more.stream()).toList();
            }
        });
        coordinator.awaitAgent(LIMIT);
        return started;
    }

    /** What QEMUs of the agent's own printed, for whoever reads of a failure. */
    private void printOutputs() throws IOException {
        try (Stream<Path> logs = Files.list(place.resolve("state/logs"))) {
            for (Path log : logs.toList()) {
                System.out.println(log.getFileName() + ": " + Files.readString(log));
            }
        }
    }

    @AfterEach
    void end() throws Exception {
        printOutputs();
        agent.close();
        coordinator.close();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    void restartAgent() throws Exception {
        agent.close();
        agent = startAgent();
    }

    /** Until it is restarted the host is another's. */
    void endAgent() throws Exception {
        agent.close();
    }

    Inspection.Candidate inspect(Path path, boolean consent) throws InterruptedException {
        var answer = coordinator.ask(
                Question.newBuilder()
                        .setInspect(
                                Inspect.newBuilder().setPath(path.toString()).setSupervisedConsent(consent))
                        .build(),
                LIMIT);
        assertThat(answer.hasRefused()).as("%s", answer).isFalse();
        assertThat(answer.getInspection().getCandidatesList()).hasSize(1);
        return answer.getInspection().getCandidates(0);
    }

    /** As it is adopted: its owner says how long it may stand still. */
    static VmSpec spec(Inspection.Candidate found) {
        return VmCodec.decode(found.getSpec().toBuilder()
                .setPauseBudget(VmCodec.encode(Duration.ofSeconds(1)))
                .build());
    }

    VmState adopt(Stranger stranger) throws InterruptedException {
        Inspection.Candidate found = inspect(stranger.qmpSocket(), false);
        assertThat(found.hasRefusal()).as("%s", found.getRefusal()).isFalse();
        VmSpec spec = spec(found);
        coordinator.command(
                spec.id(),
                new VmCommand.Adopt(spec, HOST, new Adoption(VmCodec.decode(found.getProcess()), false), Actor.LOCAL));
        VmState adopted =
                coordinator.await(spec.id(), vm -> vm.phase() == VmPhase.STEADY || vm.phase() == VmPhase.GONE, LIMIT);
        assertThat(adopted.phase()).as("%s", coordinator.journal()).isEqualTo(VmPhase.STEADY);
        return adopted;
    }

    VmState upgrade(VmId vm, int number, Method method, Release release, Release before) throws Exception {
        return upgrade(vm, number, method, release, before, Rehearsal.NONE);
    }

    VmState upgrade(VmId vm, int number, Method method, Release release, Release before, Rehearsal rehearsal)
            throws Exception {
        coordinator.command(
                vm,
                new VmCommand.Upgrade(
                        new RolloutId("r-" + number),
                        0,
                        number,
                        new ReleaseId(release.getId()),
                        method,
                        before.getVersion(),
                        Duration.ofSeconds(5),
                        rehearsal));
        return coordinator.await(vm, state -> state.attemptNumber() == number && !state.inFlight(), LIMIT);
    }
}
