package dev.neurath.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.adopt.Inspector;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.link.FactOutbox;
import dev.neurath.agent.log.LogDirectory;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.proof.ProofDesk;
import dev.neurath.agent.qemu.QemuBinary;
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
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentVm;
import dev.neurath.proto.v1.VmSpec;
import dev.neurath.proto.v1.Welcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What one VM's files look like concerns that VM alone. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class HostVmsTest {
    private static final VmId WHOLE = new VmId("whole");
    private static final VmId BROKEN = new VmId("broken");

    private final FactOutbox outbox = new FactOutbox(1);
    private Path place;
    private AgentDirectories directories;
    private LogDirectory logs;
    private VmStore store;
    private QmpLoop qmp;
    private ExitWatch exits;
    private HealthWatch health;
    private HostVms vms;
    /** Stands for the broken VM's QEMU. */
    private Process process;

    @BeforeEach
    void start() throws Exception {
        place = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
        directories = AgentDirectories.create(place.resolve("s"), place.resolve("r"), place, "h1");
        logs = LogDirectory.open(directories.state(), Optional.of(place));
        store = new VmStore(directories.state());
        qmp = new QmpLoop();
        exits = new ExitWatch();
        health = new HealthWatch(Duration.ofSeconds(30));
        var connector = new QmpConnector(qmp);
        var shelf = new ReleaseShelf(ReleaseTrust.ALL);
        var tools = new HostTools(
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
                () -> "n");
        vms = new HostVms(
                tools, logs, shelf, new ProofDesk((vm, words, way) -> List.of(), new HostKnowledge(store, shelf)));
        process = new ProcessBuilder("sleep", "120").start();
        store.save(AgentVm.newBuilder()
                .setSpec(VmSpec.newBuilder().setId(WHOLE.value()))
                .setEndedReason("SHUT_DOWN")
                .setEndedSentence("its owner's wish")
                .build());
        ProcessIdentity identity = ProcessIdentity.of((int) process.pid(), "").orElseThrow();
        store.save(AgentVm.newBuilder()
                .setSpec(VmSpec.newBuilder().setId(BROKEN.value()))
                .setStartedBy(1)
                .setProcess(VmCodec.encode(
                        new QemuProcess(identity.bootId(), identity.pid(), identity.startTimeTicks(), "/none.qmp")))
                .build());
    }

    @AfterEach
    void end() throws Exception {
        process.destroyForcibly().waitFor();
        exits.close();
        health.close();
        qmp.close();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static String line(String json) {
        var crc = new CRC32C();
        crc.update(json.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08x %s%n", crc.getValue(), json);
    }

    private Path writeLog(String text) throws IOException {
        Path log = directories.state().resolve("hand-over").resolve(BROKEN + ".log");
        Files.writeString(log, text);
        return log;
    }

    /** Answers when everything before it was done; of a VM that is set aside it can be asked until another's floor was taken. */
    private List<VmFact> said(VmId vm) {
        // A floor is raised in its turn, and waited for.
        vms.welcomed(Welcome.newBuilder().putFloors(vm.value(), 1).build());
        return outbox.waiting().stream()
                .filter(entry -> entry.vm().equals(vm))
                .map(FactOutbox.Entry::fact)
                .toList();
    }

    private static VmOrder prepare(long generation) {
        return new VmOrder.Prepare(new Generation(generation), attempt(generation));
    }

    private static Attempt attempt(long generation) {
        return new Attempt(
                new Generation(generation),
                new RolloutId("r-1"),
                0,
                new ReleaseId("qemu-11"),
                Method.SHARED_RAM,
                "10.0.2",
                Duration.ofSeconds(1));
    }

    /** As an earlier version of the agent wrote it: without what ran the guest before. */
    private static String oldBegin() {
        String attempt =
                Base64.getEncoder().encodeToString(VmCodec.encode(attempt(5)).toByteArray());
        return record("BEGIN", "{\"attempt\":\"" + attempt + "\"}");
    }

    private static String record(String kind, String details) {
        return line("{\"n\":1,\"kind\":\"%s\",\"g\":5,\"boot\":\"b\",\"memory\":\"\",\"details\":%s}"
                .formatted(kind, details));
    }

    static List<String> unreadableRecords() {
        return List.of(oldBegin(), record("LEAP", "{}"));
    }

    @ParameterizedTest
    @MethodSource("unreadableRecords")
    void a_log_that_cannot_be_acted_on_sets_its_vm_aside_and_no_other(String record) throws Exception {
        Path log = writeLog(record);
        byte[] before = Files.readAllBytes(log);

        vms.recover();
        vms.order(BROKEN, prepare(6), Long.MAX_VALUE / 2);
        vms.order(BROKEN, new VmOrder.Stop(new Generation(7)), Long.MAX_VALUE / 2);

        assertThat(said(BROKEN)).singleElement().isInstanceOfSatisfying(VmFact.Refused.class, refused -> {
            assertThat(refused.generation()).isEqualTo(new Generation(6));
            assertThat(refused.refusal().code()).isEqualTo("LOG_UNREADABLE");
        });
        assertThat(said(WHOLE)).containsExactly(new VmFact.Exited("SHUT_DOWN", "its owner's wish"));
        assertThat(process.isAlive()).isTrue();
        assertThat(Files.readAllBytes(log)).startsWith(before);
    }

    @Test
    void of_a_generation_that_an_unreadable_log_may_speak_of_nothing_is_said() throws Exception {
        writeLog(record("LEAP", "{}"));
        vms.recover();
        vms.order(BROKEN, prepare(5), Long.MAX_VALUE / 2);
        vms.order(BROKEN, new VmOrder.Resolve(new Generation(5)), Long.MAX_VALUE / 2);
        assertThat(said(BROKEN)).isEmpty();
    }

    @Test
    void a_file_in_another_form_is_left_as_it_is_and_every_generation_may_be_in_it() throws Exception {
        Path log = writeLog("FLOOR 5\nBEGIN 5\n");
        vms.recover();
        vms.order(BROKEN, prepare(6), Long.MAX_VALUE / 2);
        assertThat(said(BROKEN)).isEmpty();
        assertThat(Files.readString(log)).isEqualTo("FLOOR 5\nBEGIN 5\n");
    }

    @Test
    void a_record_that_is_none_sets_its_vm_aside() throws Exception {
        Files.writeString(directories.state().resolve("vms").resolve(BROKEN + ".vm"), "not a record");
        vms.recover();
        vms.order(BROKEN, prepare(6), Long.MAX_VALUE / 2);
        assertThat(said(BROKEN))
                .singleElement()
                .isInstanceOfSatisfying(
                        VmFact.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo("LOG_UNREADABLE"));
        assertThat(said(WHOLE)).hasSize(1);
    }
}
