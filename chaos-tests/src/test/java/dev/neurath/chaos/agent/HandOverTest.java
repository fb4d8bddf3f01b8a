package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.AgentOptions;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.vm.Agent;
import dev.neurath.chaos.handover.Releases;
import dev.neurath.chaos.handover.RulesCoordinator;
import dev.neurath.model.Actor;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.testbed.UserCache;
import dev.neurath.testbed.guest.BeatGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One VM, one agent, real QEMUs: both methods, there and back, and a new QEMU that refuses. */
@Tag("qemu")
class HandOverTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final HostId HOST = new HostId("h1");
    private static final VmId VM = new VmId("web-1");

    private Path place;
    private RulesCoordinator coordinator;
    private Agent agent;
    private Release from;
    private Release to;
    private Path beats;

    @BeforeEach
    void start() throws Exception {
        place = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
        from = Releases.release("10.0.2", line -> {});
        to = Releases.release("11.1.3", line -> {});
        coordinator = new RulesCoordinator(
                HOST,
                ReleaseCatalog.newBuilder().addReleases(from).addReleases(to).build());
        beats = place.resolve("beats");
    }

    @AfterEach
    void end() throws Exception {
        VmState vm = coordinator.vm(VM);
        if (vm.phase() == VmPhase.STEADY) {
            coordinator.command(VM, new VmCommand.Stop(Actor.LOCAL));
            coordinator.awaitPhase(VM, VmPhase.GONE, LIMIT);
        }
        if (agent != null) {
            agent.close();
        }
        coordinator.close();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void a_running_guest_is_handed_over_and_beats_on(Method method) throws Exception {
        startAgent(HoldPoints.NONE);
        VmState before = startVm();
        VmState after = upgrade(1, method, to.getId(), from.getVersion());

        assertThat(after.phase()).isEqualTo(VmPhase.STEADY);
        assertThat(after.lastEnd()).isInstanceOf(VmEvent.Verified.class);
        assertThat(after.revision().version()).isEqualTo(to.getVersion());
        assertThat(after.process().pid()).isNotEqualTo(before.process().pid());
        assertThat(ProcessHandle.of(before.process().pid())).isEmpty();
        assertThat(coordinator.journal())
                .filteredOn(VmEvent.HandedOver.class::isInstance)
                .singleElement()
                .satisfies(event ->
                        assertThat(((VmEvent.HandedOver) event).pause()).isInstanceOf(Pause.Measured.class));
        assertThat(Path.of(after.process().qmp())).exists();
    }

    @Test
    void shared_ram_goes_there_and_back() throws Exception {
        startAgent(HoldPoints.NONE);
        startVm();
        upgrade(1, Method.SHARED_RAM, to.getId(), from.getVersion());
        VmState back = upgrade(2, Method.SHARED_RAM, from.getId(), to.getVersion());

        assertThat(back.phase()).isEqualTo(VmPhase.STEADY);
        assertThat(back.revision().version()).isEqualTo(from.getVersion());
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void a_new_qemu_that_refuses_the_state_leaves_the_guest_as_it_was(Method method) throws Exception {
        startAgent(new HoldPoints() {
            @Override
            public List<String> argv(VmId vm, dev.neurath.model.Generation generation, List<String> argv) {
                return Stream.concat(argv.stream(), Stream.of("-machine", "hpet=off"))
                        .toList();
            }
        });
        VmState before = startVm();
        VmState after = upgrade(1, method, to.getId(), from.getVersion());

        assertThat(after.phase()).isEqualTo(VmPhase.STEADY);
        assertThat(after.lastEnd()).isInstanceOf(VmEvent.RolledBack.class);
        assertThat(((VmEvent.RolledBack) after.lastEnd()).reachedSwitching()).isTrue();
        assertThat(after.process()).isEqualTo(before.process());
        assertThat(ProcessHandle.of(before.process().pid())).isPresent();
    }

    private void startAgent(HoldPoints holds) throws Exception {
        var options = AgentOptions.parse(
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
                        place.toString(),
                        "--guest-timeout",
                        "10"),
                Map.of());
        agent = Agent.start(options, holds);
        coordinator.awaitAgent(LIMIT);
    }

    private VmState startVm() throws Exception {
        var guest = BeatGuest.gentle();
        var arguments = new ArrayList<>(guest.arguments(UserCache.ofUser(), beats));
        // The firmware numbers the port's bus once the guest runs, and in the second QEMU nobody has.
        arguments.addAll(List.of("-device", "pcie-root-port,id=port1,chassis=1"));
        arguments.addAll(List.of("-device", "virtio-rng-pci,bus=port1"));
        var spec = new VmSpec(
                VM,
                new ReleaseId(from.getId()),
                "pc-q35-10.0",
                "qemu64",
                "tcg",
                1,
                64L << 20,
                List.of(),
                List.of(),
                new VmSpec.Boot(null, null, null, null),
                arguments,
                Map.of(),
                Duration.ofMillis(200),
                List.of(new VmSpec.HealthProbe.Beat(beats.toString())));
        coordinator.command(VM, new VmCommand.Start(spec, HOST, Actor.LOCAL));
        VmState running =
                coordinator.await(VM, vm -> vm.phase() == VmPhase.STEADY || vm.phase() == VmPhase.GONE, LIMIT);
        assertThat(running.phase()).as("%s", coordinator.journal()).isEqualTo(VmPhase.STEADY);
        awaitBeats(20);
        return running;
    }

    private void awaitBeats(int lines) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!Files.exists(beats) || Files.readAllLines(beats).size() < lines) {
            assertThat(System.nanoTime()).as("the guest beats").isLessThan(end);
            synchronized (this) {
                wait(50);
            }
        }
    }

    private VmState upgrade(int number, Method method, String release, String fromVersion) throws Exception {
        coordinator.command(
                VM,
                new VmCommand.Upgrade(
                        new RolloutId("r-" + number),
                        0,
                        number,
                        new ReleaseId(release),
                        method,
                        fromVersion,
                        Duration.ofSeconds(5)));
        return coordinator.await(VM, vm -> !vm.inFlight(), LIMIT);
    }
}
