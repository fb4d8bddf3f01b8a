package dev.neurath.chaos.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.log.HandOverLog;
import dev.neurath.agent.log.LogDirectory;
import dev.neurath.agent.process.ControlGroup;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.vm.AgentDirectories;
import dev.neurath.agent.vm.VmStore;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Actor;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Step;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.AgentVm;
import dev.neurath.proto.v1.ReleaseCatalog;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An agent that comes back and reaches nobody brings to its end what it finds open, from its own disk alone. */
@Tag("qemu")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class WithoutCoordinatorTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** Of this JVM alone: a host id is locked machine-wide. */
    private static final HostId HOST =
            new HostId("alone-" + ProcessHandle.current().pid());

    private static final VmId VM = new VmId("web-1");
    /** Loopback's port 1: nothing listens there. */
    private static final String NOBODY = "127.0.0.1:1";

    private Path place;
    private Path holds;
    private Releases releases;
    private RulesCoordinator coordinator;
    private JavaProcess agent;

    @BeforeEach
    void start() throws Exception {
        place = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
        holds = Files.createDirectories(place.resolve("s").resolve("holds"));
        releases = Releases.fetch("10.0.2", "11.1.3", line -> {});
        coordinator = new RulesCoordinator(
                HOST,
                ReleaseCatalog.newBuilder()
                        .addReleases(releases.from())
                        .addReleases(releases.to())
                        .build());
        startAgent(coordinator.address());
        coordinator.awaitAgent(LIMIT);
        coordinator.command(
                VM,
                new VmCommand.Start(
                        CrashGuest.BEATING.spec(
                                place, VM, releases.from().getId(), releases.machine(), place.resolve("beats")),
                        HOST,
                        Actor.LOCAL));
        coordinator.awaitPhase(VM, VmPhase.STEADY, LIMIT);
    }

    @AfterEach
    void end() throws Exception {
        agent.kill();
        coordinator.close();
        for (ProcessIdentity left : ProcessScan.withTag(place + "/")) {
            assertThat(ProcessSignals.kill(left, LIMIT)).isTrue();
        }
        ControlGroup.sweep(AgentDirectories.groupPrefix(place.resolve("s"), HOST.value()));
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FREEZE_OLD", "AWAIT_RUNNING", "LOG_DONE"})
    void past_the_commit_it_records_the_upgrade_with_version_and_hash(Step killedBefore) throws Exception {
        killAgentBefore(killedBefore);
        Path log = place.resolve("s").resolve("hand-over").resolve(VM + ".log");
        assertThat(Files.readString(log)).doesNotContain("DONE");

        startAgent(NOBODY);
        awaitText(log, "\"DONE\"");
        agent.kill();

        Generation g = coordinator.vm(VM).generation();
        Outcome.Upgraded upgraded = (Outcome.Upgraded) lastDone(g).outcome();
        assertThat(upgraded.revision()).isEqualTo(revision(releases.to()));
        assertThat(ProcessHandle.of(upgraded.process().pid())).isPresent();

        startAgent(coordinator.address());
        VmState settled = coordinator.await(VM, vm -> vm.phase() == VmPhase.STEADY, LIMIT);
        assertThat(settled.revision()).isEqualTo(upgraded.revision());
        assertThat(settled.process()).isEqualTo(upgraded.process());
    }

    /** Going back, with both stopped and new holding everything; see rows 13r and 13w of the recovery table. */
    @ParameterizedTest
    @EnumSource(names = {"LOG_UNDO", "KILL_NEW"})
    void old_that_dies_while_the_attempt_is_undone_leaves_the_guest_to_new(Step oldKilledBefore) throws Exception {
        killAgentBefore(Step.LOG_COMMIT);
        QemuProcess old = Objects.requireNonNull(coordinator.vm(VM).process());
        Files.delete(HeldSteps.reached(holds, VM));
        Files.writeString(HeldSteps.request(holds, VM), oldKilledBefore.label());

        startAgent(coordinator.address());
        coordinator.await(VM, vm -> Files.exists(HeldSteps.reached(holds, VM)), LIMIT);
        assertThat(ProcessSignals.kill(new ProcessIdentity(old.bootId(), old.pid(), old.startTicks(), ""), LIMIT))
                .isTrue();
        Files.delete(HeldSteps.request(holds, VM));

        VmState settled = coordinator.await(VM, vm -> !vm.inFlight(), LIMIT);
        assertThat(settled.phase()).as("%s", settled).isEqualTo(VmPhase.STEADY);
        assertThat(settled.revision()).isEqualTo(revision(releases.to()));
        assertThat(ProcessHandle.of(Objects.requireNonNull(settled.process()).pid()))
                .isPresent();
    }

    @Test
    void a_vm_that_was_being_started_is_known_as_what_it_was_started_from() throws Exception {
        agent.kill();
        VmStore store = new VmStore(place.resolve("s"));
        AgentVm known = store.load(VM);
        // As it stands on disk until the process is known.
        store.save(known.toBuilder().clearProcess().clearGraph().build());

        startAgent(NOBODY);
        awaitText(place.resolve("s").resolve("vms").resolve(VM + ".vm"), known.getGraph());
        agent.kill();

        AgentVm found = store.load(VM);
        assertThat(found).isEqualTo(known);
        assertThat(VmCodec.decode(found.getRevision())).isEqualTo(revision(releases.from()));
    }

    private void killAgentBefore(Step step) throws IOException, InterruptedException {
        Files.writeString(HeldSteps.request(holds, VM), step.label());
        coordinator.command(
                VM,
                new VmCommand.Upgrade(
                        new RolloutId("r-1"),
                        0,
                        1,
                        new ReleaseId(releases.to().getId()),
                        Method.SHARED_RAM,
                        releases.from().getVersion(),
                        LIMIT));
        coordinator.await(VM, vm -> Files.exists(HeldSteps.reached(holds, VM)), LIMIT);
        agent.kill();
        Files.delete(HeldSteps.request(holds, VM));
    }

    private AttemptLog.Done lastDone(Generation g) throws IOException {
        Path run = place.resolve("r").resolve("q");
        try (HandOverLog log =
                LogDirectory.open(place.resolve("s"), Optional.of(run)).of(VM.value())) {
            AttemptLog.Done done = new AttemptLog(log).lastDone().orElseThrow();
            assertThat(done.generation()).isEqualTo(g);
            return done;
        }
    }

    private static Revision revision(dev.neurath.proto.v1.Release release) {
        String program = release.getArgvPrefixList().stream()
                .filter(argument -> release.getFilesList().stream()
                        .anyMatch(file -> file.getPath().equals(argument)))
                .reduce((earlier, later) -> later)
                .orElseThrow();
        String sha256 = release.getFilesList().stream()
                .filter(file -> file.getPath().equals(program))
                .findFirst()
                .orElseThrow()
                .getSha256();
        return new Revision(new ReleaseId(release.getId()), release.getVersion(), sha256);
    }

    private static void awaitText(Path file, String text) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        try (var watch = FileSystems.getDefault().newWatchService()) {
            Path directory = Objects.requireNonNull(file.getParent());
            directory.register(watch, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
            while (!new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1).contains(text)) {
                WatchKey changed = watch.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                assertThat(changed).as(file + " does not say " + text).isNotNull();
                changed.pollEvents();
                changed.reset();
            }
        }
    }

    private void startAgent(String address) throws IOException {
        agent = JavaProcess.start(
                HeldAgentMain.class.getName(),
                List.of(
                        "--host",
                        HOST.value(),
                        "--coordinator",
                        address,
                        "--plaintext",
                        "--state",
                        place.resolve("s").toString(),
                        "--run",
                        place.resolve("r").toString(),
                        "--ram",
                        place.toString()),
                place.resolve("agent.out"));
    }
}
