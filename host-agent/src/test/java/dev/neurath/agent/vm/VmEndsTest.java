package dev.neurath.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import dev.neurath.agent.adopt.Inspector;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.link.FactOutbox;
import dev.neurath.agent.log.LogDirectory;
import dev.neurath.agent.log.LogRecord;
import dev.neurath.agent.log.LogRecord.Kind;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.proof.ProofDesk;
import dev.neurath.agent.qemu.QemuBinary;
import dev.neurath.agent.qmp.FakeQemu;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpLoop;
import dev.neurath.codec.VmCodec;
import dev.neurath.identity.ReleaseTrust;
import dev.neurath.model.Generation;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever becomes of a VM's process, it is told, and nothing of a VM is left that no order reaches. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class VmEndsTest {
    private static final VmId VM = new VmId("vm1");
    private static final String TAG = "vm1.1.aabbccdd";
    private static final String SECOND_TAG = "vm1.5.aabbccdd";
    private static final Revision REVISION = new Revision(new ReleaseId("qemu-10"), "10.0.2", "aa");
    private static final long IN_TIME = Long.MAX_VALUE / 2;
    private static final VmSpec SPEC = new VmSpec(
            VM,
            REVISION.release(),
            "pc-q35-7.2",
            "qemu64",
            "tcg",
            1,
            64 << 20,
            List.of(),
            List.of(),
            new VmSpec.Boot("/boot/kernel", null, "quiet", null),
            List.of(),
            Map.of(),
            Duration.ofSeconds(1),
            List.of());

    private final FactOutbox outbox = new FactOutbox(1);
    private final LinkedBlockingQueue<VmFact> said = new LinkedBlockingQueue<>();
    private volatile boolean diskFull;
    private Path place;
    private AgentDirectories directories;
    private LogDirectory logs;
    private VmStore store;
    private QmpLoop qmp;
    private ExitWatch exits;
    private HealthWatch health;
    private HostVms vms;
    private Process qemu;
    private Path control;
    private Path door;

    @BeforeEach
    void start() throws Exception {
        place = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
        directories = AgentDirectories.create(place.resolve("s"), place.resolve("r"), place, "h1");
        logs = LogDirectory.open(directories.state(), Optional.of(place));
        store = new VmStore(directories.state(), file -> {
            if (diskFull) {
                throw new IOException("No space left on device");
            }
        });
        qmp = new QmpLoop();
        exits = new ExitWatch();
        health = new HealthWatch(Duration.ofSeconds(30));
        outbox.sendTo(entry -> said.add(entry.fact()));
        var connector = new QmpConnector(qmp);
        var shelf = new ReleaseShelf(ReleaseTrust.ALL);
        vms = new HostVms(
                new HostTools(
                        directories,
                        store,
                        connector,
                        new QemuStarter(shelf, new QemuBinary(connector, directories.run()), directories),
                        new Inspector(connector, new KnownVms(store)),
                        new VmProcesses(directories),
                        outbox,
                        health,
                        exits,
                        HoldPoints.NONE,
                        Duration.ofSeconds(60),
                        new Semaphore(1),
                        () -> "n"),
                logs,
                shelf,
                new ProofDesk((vm, words, way) -> List.of(), new HostKnowledge(store, shelf)));
        qemu = tagged(TAG);
        control = directories.run().resolve(TAG + ".q");
        door = directories.doors().resolve("vm1.qmp");
    }

    /** A process with its control socket on its command line, as every QEMU has it. */
    private Process tagged(String tag) throws Exception {
        String word = "socket,path=" + directories.run().resolve(tag + ".q");
        Process process = new ProcessBuilder("bash", "-c", "exec -a " + word + " sleep 120").start();
        // Until the shell has become it, nobody would take it for a QEMU.
        Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.readString(commandLine).startsWith(word) && System.nanoTime() - end < 0) {
            Thread.sleep(5);
        }
        return process;
    }

    @AfterEach
    void end() throws Exception {
        qemu.destroyForcibly().waitFor();
        exits.close();
        health.close();
        qmp.close();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private ProcessIdentity identity() throws IOException {
        return ProcessIdentity.of((int) qemu.pid(), TAG).orElseThrow();
    }

    private void vmRuns() throws IOException {
        ProcessIdentity identity = identity();
        store.save(AgentVm.newBuilder()
                .setSpec(VmCodec.encode(SPEC))
                .setStartedBy(1)
                .setRevision(VmCodec.encode(REVISION))
                .setTag(TAG)
                .setControl(control.toString())
                .setRamFile(place.resolve("vm1.ram").toString())
                .addPublicPaths(AgentVm.PublicPath.newBuilder()
                        .setPublic(door.toString())
                        .setBound(door.toString()))
                .setProcess(VmCodec.encode(
                        new QemuProcess(identity.bootId(), identity.pid(), identity.startTimeTicks(), door.toString())))
                .build());
    }

    private static String text(MessageLite message) {
        return Base64.getEncoder().encodeToString(message.toByteArray());
    }

    private void log(Optional<Outcome> done) throws IOException {
        try (var log = logs.of(VM.value())) {
            log.reserve();
            log.append(LogRecord.of(Kind.FLOOR, 5));
            log.append(new LogRecord(
                    Kind.BEGIN,
                    5,
                    Map.of(
                            "attempt",
                            text(VmCodec.encode(attempt(5))),
                            "from",
                            text(VmCodec.encode(REVISION)),
                            "to",
                            text(VmCodec.encode(REVISION)),
                            "boot",
                            ProcessIdentity.currentBootId(),
                            "tag",
                            SECOND_TAG)));
            if (done.isPresent()) {
                log.append(new LogRecord(Kind.DONE, 5, Map.of("outcome", text(VmCodec.encode(done.get())))));
            }
        }
    }

    private static Attempt attempt(long generation) {
        return new Attempt(
                new Generation(generation),
                new RolloutId("r-1"),
                0,
                REVISION.release(),
                Method.SHARED_RAM,
                REVISION.version(),
                Duration.ofSeconds(1));
    }

    private <F extends VmFact> F hears(Class<F> kind) throws InterruptedException {
        while (true) {
            VmFact fact = said.poll(60, TimeUnit.SECONDS);
            assertThat(fact).as("the next fact").isNotNull();
            if (kind.isInstance(fact)) {
                return kind.cast(fact);
            }
        }
    }

    /** A process of its own that answers at its control socket as a QEMU does whose guest runs. */
    static final class Answering {
        private Answering() {}

        public static void main(String[] control) throws IOException {
            new FakeQemu(Path.of(control[0]), Answering::play).finished();
        }

        private static void play(FakeQemu.Peer peer) throws IOException {
            peer.greet();
            while (true) {
                String command = peer.receive();
                peer.reply(
                        FakeQemu.idOf(command), command.contains("query-status") ? "{\"status\": \"running\"}" : "{}");
            }
        }
    }

    @Test
    void one_that_survives_an_attempt_which_an_earlier_agent_began_is_watched() throws Exception {
        qemu.destroyForcibly().waitFor();
        qemu = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Answering.class.getName(),
                        control.toString())
                .inheritIO()
                .start();
        vmRuns();
        log(Optional.empty());
        vms.recover();
        assertThat(hears(VmFact.Ended.class).outcome()).isInstanceOf(Outcome.AsItWas.class);
        qemu.destroyForcibly().waitFor();
        assertThat(hears(VmFact.Exited.class).reason()).isEqualTo("QEMU_DIED");
    }

    @Test
    void a_death_is_told_although_its_left_overs_cannot_be_removed() throws Exception {
        vmRuns();
        Files.createDirectories(door.resolve("not empty"));
        vms.recover();
        qemu.destroyForcibly().waitFor();
        assertThat(hears(VmFact.Exited.class).reason()).isEqualTo("QEMU_DIED");
    }

    @Test
    void a_death_that_cannot_be_written_down_is_told_once_it_can() throws Exception {
        vmRuns();
        vms.recover();
        diskFull = true;
        qemu.destroyForcibly().waitFor();
        assertThat(said.poll(1, TimeUnit.SECONDS)).isNull();
        diskFull = false;
        assertThat(hears(VmFact.Exited.class).reason()).isEqualTo("QEMU_DIED");
        assertThat(store.load(VM).getEndedReason()).isEqualTo("QEMU_DIED");
    }

    @Test
    void a_lost_guest_whose_outcome_was_written_and_not_followed_is_no_running_one_and_its_owner_can_end_what_is_left()
            throws Exception {
        vmRuns();
        log(Optional.of(new Outcome.Lost("nobody has it")));
        Files.createFile(control);
        ProcessSignals.freeze(identity(), Duration.ofSeconds(10));
        Process second = tagged(SECOND_TAG);
        try {
            vms.recover();
            assertThat(hears(VmFact.Exited.class).reason()).isEqualTo("LOST");
            assertThat(qemu.isAlive()).isTrue();
            assertThat(control).exists();

            vms.order(VM, new VmOrder.Stop(new Generation(6)), IN_TIME);
            // The end is the last word, so it is told again behind the attempt's outcome.
            VmFact.Exited last = hears(VmFact.Exited.class);
            while (!last.reason().equals("STOPPED")) {
                last = hears(VmFact.Exited.class);
            }
            assertThat(qemu.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            second.destroyForcibly().waitFor();
        }
    }

    @Test
    void a_process_that_stands_frozen_is_not_handed_over() throws Exception {
        vmRuns();
        vms.recover();
        ProcessSignals.freeze(identity(), Duration.ofSeconds(10));
        vms.order(VM, new VmOrder.Prepare(new Generation(6), attempt(6)), IN_TIME);
        assertThat(hears(VmFact.Refused.class).refusal().code()).isEqualTo("RUNSTATE");
        assertThat(logs.highest(VM.value())).hasValue(6);
    }

    @Test
    void a_start_of_which_only_the_floor_is_left_has_failed() throws Exception {
        try (var log = logs.of(VM.value())) {
            log.append(new LogRecord(Kind.FLOOR, 3, Map.of("closed", "true")));
        }
        vms.recover();
        vms.order(VM, new VmOrder.Start(new Generation(3), SPEC), IN_TIME);
        assertThat(hears(VmFact.StartFailed.class).refusal().code()).isEqualTo("AGENT_RESTARTED");
    }

    @Test
    void of_a_start_whose_process_lives_nobody_says_that_it_failed() throws Exception {
        try (var log = logs.of(VM.value())) {
            log.append(new LogRecord(Kind.FLOOR, 1, Map.of("closed", "true")));
        }
        vms.recover();
        vms.order(VM, new VmOrder.Start(new Generation(1), SPEC), IN_TIME);
        vms.order(VM, new VmOrder.Stop(new Generation(2)), IN_TIME);
        assertThat(said.poll(60, TimeUnit.SECONDS)).isInstanceOf(VmFact.Exited.class);
    }

    @Test
    void orders_that_waited_too_long_change_nothing() throws Exception {
        vmRuns();
        vms.recover();
        vms.order(VM, new VmOrder.Stop(new Generation(6)), System.nanoTime() - 1);
        assertThat(hears(VmFact.Inventory.class).highest()).isEqualTo(new Generation(0));
        assertThat(qemu.isAlive()).isTrue();
        vms.order(new VmId("vm2"), new VmOrder.Start(new Generation(1), SPEC), System.nanoTime() - 1);
        assertThat(hears(VmFact.StartFailed.class).refusal().code()).isEqualTo("ORDER_TOO_LATE");
    }

    @Test
    void of_what_its_qemus_printed_the_last_few_stay_and_what_a_living_one_prints() throws Exception {
        for (int i = 1; i <= 7; i++) {
            Path output = directories.logs().resolve(i == 1 ? TAG + ".log" : "vm1." + i + ".n.log");
            Files.writeString(output, "words");
            Files.setLastModifiedTime(output, java.nio.file.attribute.FileTime.fromMillis(i * 1000L));
        }
        Path another = Files.writeString(directories.logs().resolve("vm11.1.n.log"), "words");
        new VmProcesses(directories).dropOldOutput(VM);
        assertThat(another).exists();
        try (Stream<Path> left = Files.list(directories.logs())) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            TAG + ".log", "vm1.4.n.log", "vm1.5.n.log", "vm1.6.n.log", "vm1.7.n.log", "vm11.1.n.log");
        }
    }

    @Test
    void a_start_of_the_agent_has_a_higher_number_and_needs_room_on_the_disk_only_to_say_so() throws Exception {
        Path state = place.resolve("state");
        var first = Incarnation.after(state);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(first::write)).isInstanceOf(IOException.class);
        Files.createDirectories(state);
        first.write();
        assertThat(Incarnation.after(state).number()).isGreaterThan(first.number());
    }
}
