package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.MemoryMap;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessProbe;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.agent.process.ProcessSignals;
import dev.neurath.agent.qemu.QemuAbilities;
import dev.neurath.agent.qemu.QemuArgv.Incoming;
import dev.neurath.agent.qemu.QemuFacts;
import dev.neurath.agent.qmp.QmpConnection;
import dev.neurath.agent.qmp.QmpListener;
import dev.neurath.agent.qmp.QmpOptions;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.agent.release.ReleaseVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("qemu")
class PiecesOnRealQemuTest {
    private static final Duration LIMIT = RealQemu.LIMIT;

    @Test
    void a_binary_is_asked_and_never_its_version_number() throws Exception {
        try (RealQemu real = new RealQemu("pc-q35-7.2")) {
            QemuAbilities old = real.binaries.abilities(RealQemu.release("7.2"), "pc-q35-7.2");
            QemuAbilities recent = real.binaries.abilities(RealQemu.release("10.0.2"), "pc-q35-7.2");
            assertThat(old.auxRamShare()).isFalse();
            assertThat(old.cprTransfer()).isFalse();
            assertThat(recent.auxRamShare()).isTrue();
            assertThat(recent.cprTransfer()).isTrue();
            assertThat(old.machines()).contains("pc-q35-7.2").doesNotContain("pc-q35-10.0");
            assertThat(recent.devices()).contains("virtio-net-pci");
            assertThat(recent.commands()).contains("yank", "migrate");
        }
    }

    @Test
    void a_release_out_of_the_cache_is_what_its_manifest_says() throws Exception {
        ReleaseVerifier verifier = new ReleaseVerifier();
        ReleaseManifest release = RealQemu.release("10.0.2");
        verifier.verify(release);
        long read = verifier.hashedBytes();
        verifier.verify(release);
        assertThat(verifier.hashedBytes()).isEqualTo(read).isGreaterThan(10 << 20);
    }

    @Test
    void a_second_client_gets_no_greeting_and_the_first_is_not_disturbed() throws Exception {
        try (RealQemu real = new RealQemu("pc-q35-10.0")) {
            ReleaseManifest release = RealQemu.release("10.0.2");
            real.start(release, real.argv(release).firstStart(real.qmp("old")), "old");
            QmpConnection first = real.connect(real.qmp("old"), QmpListener.NONE);
            assertThat(first.outOfBand()).isTrue();
            Throwable thrown = catchThrowable(() -> real.connector
                    .connect(real.qmp("old"), QmpOptions.DEFAULT.withGreeting(Duration.ofMillis(300)), QmpListener.NONE)
                    .get(60, TimeUnit.SECONDS));
            assertThat(thrown).isInstanceOf(ExecutionException.class).hasMessageContaining("no greeting");
            assertThat(QemuFacts.status(first, LIMIT).join()).isEqualTo("running");
        }
    }

    @Test
    void a_descriptor_travels_with_its_command() throws Exception {
        try (RealQemu real = new RealQemu("pc-q35-10.0")) {
            ReleaseManifest release = RealQemu.release("10.0.2");
            ProcessIdentity process = real.start(release, real.argv(release).firstStart(real.qmp("old")), "old");
            QmpConnection qmp = real.connect(real.qmp("old"), QmpListener.NONE);
            Path file = Files.writeString(real.directory.resolve("passed"), "");
            int fd = Linux.openReadWrite(file, 0600);
            qmp.executeWithFd("getfd", Map.of("fdname", "one"), fd, LIMIT).join();
            var added = qmp.executeWithFd("add-fd", Map.of("fdset-id", 7), fd, LIMIT)
                    .join();
            Linux.close(fd);
            int theirs = added.path("fd").asInt();
            assertThat(Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/fd/" + theirs)))
                    .isEqualTo(file);
            qmp.execute("closefd", Map.of("fdname", "one"), LIMIT).join();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CPR, 10.0.2, 11.1, pc-q35-10.0",
        "SHARED, 10.0.2, 11.1, pc-q35-10.0",
        "SHARED, 11.1, 10.0.2, pc-q35-10.0",
        "SHARED, 7.2, 10.0.2, pc-q35-7.2"
    })
    void the_pieces_together_move_a_beating_guest_to_another_qemu(String method, String from, String to, String machine)
            throws Exception {
        try (RealQemu real = new RealQemu(machine)) {
            ReleaseManifest before = RealQemu.release(from);
            ReleaseManifest after = RealQemu.release(to);
            ProcessIdentity oldProcess = real.start(before, real.argv(before).firstStart(real.qmp("old")), "old");
            QmpConnection old = real.connect(real.qmp("old"), QmpListener.NONE);
            RealQemu.await(
                    "first beats",
                    () -> Files.exists(real.beats) && real.beats().size() > 20);
            QemuFacts oldFacts = QemuFacts.read(old, LIMIT);
            assertThat(oldFacts.machine()).isEqualTo(machine);
            assertThat(oldFacts.memory())
                    .contains(new QemuFacts.MemoryBackend(
                            "ram0", real.ram.bytes(), true, real.ram.path().toString()));

            Path guestChannel = real.directory.resolve("main");
            Path cprChannel = real.directory.resolve("cpr");
            boolean cpr = method.equals("CPR");
            Incoming by = cpr ? new Incoming.CprTransfer(cprChannel) : new Incoming.SharedRam();
            ProcessIdentity newProcess = real.start(after, real.argv(after).incoming(real.qmp("new"), by), "new");
            if (cpr) {
                RealQemu.await("the cpr channel", () -> Files.exists(cprChannel));
                prepare(old, false);
                old.execute("migrate-set-parameters", Map.of("mode", "cpr-transfer"), LIMIT)
                        .join();
                migrate(old, List.of(channel("main", guestChannel), channel("cpr", cprChannel)));
            } else {
                prepare(old, true);
            }
            QmpConnection fresh = real.connect(real.qmp("new"), QmpListener.NONE);
            prepare(fresh, !cpr);
            fresh.execute("migrate-incoming", Map.of("uri", "unix:" + guestChannel), LIMIT)
                    .join();
            if (!cpr) {
                old.execute("migrate", Map.of("uri", "unix:" + guestChannel), LIMIT)
                        .join();
            }
            for (QmpConnection side : List.of(old, fresh)) {
                RealQemu.await(
                        "both sides complete",
                        () -> QemuFacts.migration(side, LIMIT).join().status().equals("completed"));
            }
            assertThat(QemuFacts.status(old, LIMIT).join()).isEqualTo("postmigrate");
            assertThat(QemuFacts.status(fresh, LIMIT).join()).isEqualTo("paused");
            assertSameSharedRam(real, oldProcess, newProcess);

            assertThat(ProcessSignals.freeze(oldProcess, LIMIT)).isEqualTo(ProcessSignals.FreezeResult.FROZEN);
            fresh.execute("cont", Map.of(), LIMIT).join();
            assertThat(QemuFacts.status(fresh, LIMIT).join()).isEqualTo("running");
            assertThat(ProcessSignals.kill(oldProcess, LIMIT)).isTrue();

            int beatsThen = real.beats().size();
            RealQemu.await("beats of the new one", () -> real.beats().size() > beatsThen + 100);
            List<Long> beats = real.beats();
            assertThat(beats.getLast() - beats.getFirst()).isEqualTo(beats.size() - 1L);
            assertThat(Files.readString(real.beats)).doesNotContain("E page", "X exc");
            QemuFacts newFacts = QemuFacts.read(fresh, LIMIT);
            assertThat(newFacts.pci()).isEqualTo(oldFacts.pci());
            assertThat(newFacts.chardevs()).isEqualTo(oldFacts.chardevs());
            assertThat(newFacts.peripherals()).isEqualTo(oldFacts.peripherals());
            assertThat(newFacts.places()).isEqualTo(oldFacts.places());
            assertThat(ProcessScan.mapping(real.ram.identity()).found())
                    .extracting(ProcessIdentity::pid)
                    .containsExactly(newProcess.pid());
        }
    }

    private static void assertSameSharedRam(RealQemu real, ProcessIdentity... processes) throws IOException {
        for (ProcessIdentity process : processes) {
            List<MemoryMap.Mapping> mapped =
                    MemoryMap.of(process.pid()).orElseThrow().of(real.ram.identity());
            assertThat(mapped).isNotEmpty().allMatch(MemoryMap.Mapping::shared);
            assertThat(mapped.stream().mapToLong(MemoryMap.Mapping::bytes).sum())
                    .isEqualTo(real.ram.bytes());
            assertThat(ProcessProbe.liveness(process)).isEqualTo(ProcessProbe.Liveness.RUNNING);
        }
    }

    private static void prepare(QmpConnection side, boolean skipSharedRam) {
        List<Map<String, Object>> capabilities = new ArrayList<>();
        for (String name : List.of("events", "return-path", "x-ignore-shared")) {
            capabilities.add(Map.of("capability", name, "state", !name.equals("x-ignore-shared") || skipSharedRam));
        }
        side.execute("migrate-set-capabilities", Map.of("capabilities", capabilities), LIMIT)
                .join();
    }

    /** The listener's socket exists a moment before it listens. */
    private static void migrate(QmpConnection side, List<Map<String, Object>> channels) throws IOException {
        RealQemu.await("the new one listens", () -> {
            try {
                side.execute("migrate", Map.of("channels", channels), LIMIT).join();
                return true;
            } catch (java.util.concurrent.CompletionException e) {
                return false;
            }
        });
    }

    private static Map<String, Object> channel(String type, Path socket) {
        Map<String, Object> address = new HashMap<>(Map.of("transport", "socket", "type", "unix"));
        address.put("path", socket.toString());
        return Map.of("channel-type", type, "addr", address);
    }
}
