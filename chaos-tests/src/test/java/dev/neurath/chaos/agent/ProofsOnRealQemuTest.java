package dev.neurath.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.proof.ProofDesk;
import dev.neurath.agent.proof.Prover;
import dev.neurath.agent.proof.ThrowAways;
import dev.neurath.agent.qemu.QemuBinary;
import dev.neurath.agent.qemu.SchemaShelf;
import dev.neurath.agent.qmp.QmpConnector;
import dev.neurath.agent.qmp.QmpLoop;
import dev.neurath.agent.release.ReleaseManifest;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.proof.Finding;
import dev.neurath.model.proof.Probe;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What real hand-overs between these versions did is what the probes have to say. */
@Tag("qemu")
@Timeout(120)
class ProofsOnRealQemuTest {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private QmpLoop loop;
    private Path run;
    private Path ram;
    private ThrowAways throwAways;
    private Prover prover;

    @BeforeEach
    void start() throws IOException {
        loop = new QmpLoop();
        run = Files.createTempDirectory("nproof");
        ram = Files.createTempDirectory(Path.of("/dev/shm"), "nproof");
        var connector = new QmpConnector(loop);
        throwAways = new ThrowAways(run, ram, connector, () -> Integer.toString(NEXT.incrementAndGet()));
        prover = new Prover(new QemuBinary(connector, run), new SchemaShelf(run), throwAways);
    }

    @AfterEach
    void nothing_is_left_behind() throws IOException {
        loop.close();
        for (Path directory : List.of(run, ram)) {
            try (var files = Files.list(directory)) {
                assertThat(files).isEmpty();
            }
            Files.delete(directory);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // A device's schema, judged before anything is moved.
        "10.0.13, 11.1.3, isa-vga, WONT",
        "11.1.3, 10.0.13, am53c974, WONT",
        "10.0.13, 11.1.3, 'nvme,serial=1,drive=d0', WONT",
        // Conditions that no dump shows: the schema cannot tell, and the clone can.
        "10.0.13, 11.1.3, pvscsi, INCONCLUSIVE",
        "10.0.13, 11.1.3, am53c974, INCONCLUSIVE",
        "10.0.13, 11.1.3, e1000, INCONCLUSIVE",
        "10.0.2, 10.0.13, virtio-rng-pci, WILL",
    })
    void a_schema_says_what_the_device_will_do(String from, String to, String device, String verdict) throws Exception {
        List<Finding> findings = prove(from, to, "-device", device);
        assertThat(said(findings, Probe.SCHEMA, null)).startsWith(verdict);
        String clone = said(findings, Probe.CLONE, Method.SHARED_RAM);
        assertThat(clone).as("%s", findings).startsWith(verdict.equals("WONT") ? "WONT" : "WILL");
    }

    @Test
    void a_virtio_machine_of_10_0_13_does_not_get_to_11_1_3_and_one_of_10_0_2_does() throws Exception {
        String[] virtio = {"-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n"};
        List<Finding> refused = prove("10.0.13", "11.1.3", virtio);
        assertThat(said(refused, Probe.CLONE, Method.SHARED_RAM))
                .startsWith("WONT")
                .contains("vring.num 1024 exceeds allocated max 256");
        assertThat(said(refused, Probe.CLONE, Method.CPR_TRANSFER)).startsWith("WONT");
        List<Finding> taken = prove("10.0.2", "11.1.3", virtio);
        assertThat(said(taken, Probe.CLONE, Method.SHARED_RAM)).startsWith("WILL");
        assertThat(said(taken, Probe.CLONE, Method.CPR_TRANSFER)).startsWith("WILL");
        assertThat(said(taken, Probe.CLONE_BACK, Method.SHARED_RAM)).startsWith("WILL");
    }

    @Test
    void a_channel_of_11_1_3_is_not_read_by_10_0_and_shared_memory_is() throws Exception {
        List<Finding> findings = prove("11.1.3", "10.0.2");
        assertThat(said(findings, Probe.CLONE, Method.CPR_TRANSFER))
                .startsWith("WONT")
                .contains("-2");
        assertThat(said(findings, Probe.CLONE, Method.SHARED_RAM)).startsWith("WILL");
    }

    @Test
    void what_a_release_cannot_do_is_said_without_starting_anything() throws Exception {
        List<Finding> findings = prove(vm("pc-q35-7.2"), List.of(release("7.2"), release("10.0.2")));
        assertThat(said(findings, Probe.CLONE, Method.CPR_TRANSFER)).contains("METHOD_NOT_POSSIBLE");
        assertThat(said(findings, Probe.CLONE, Method.SHARED_RAM)).startsWith("WILL");
        assertThat(prove(vm("pc-q35-10.0"), List.of(release("10.0.2"), release("7.2"))))
                .singleElement()
                .satisfies(finding -> assertThat(finding.code()).isEqualTo("MACHINE_TYPE_UNKNOWN"));
    }

    @Test
    void a_way_over_several_releases_is_gone_by_one_machine_and_back() throws Exception {
        List<Finding> findings = prove(vm("pc-q35-7.2"), List.of(release("7.2"), release("10.0.2"), release("11.1.3")));
        assertThat(said(findings, Probe.CLONE, Method.SHARED_RAM)).startsWith("WILL");
        assertThat(said(findings, Probe.CLONE_BACK, Method.SHARED_RAM)).startsWith("WILL");
    }

    /** Each hop by itself is taken: of a machine that the release before built, and this one was built by another. */
    @Test
    void what_the_first_release_built_is_carried_to_the_last() throws Exception {
        String[] virtio = {"-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n"};
        for (String[] hop : new String[][] {{"10.0.13", "10.0.2"}, {"10.0.2", "11.1.3"}}) {
            assertThat(said(prove(hop[0], hop[1], virtio), Probe.CLONE, Method.SHARED_RAM))
                    .startsWith("WILL");
        }
        List<Finding> findings =
                prove(vm("pc-q35-10.0", virtio), List.of(release("10.0.13"), release("10.0.2"), release("11.1.3")));
        assertThat(said(findings, Probe.CLONE, Method.SHARED_RAM))
                .startsWith("WONT")
                .contains("at release qemu-11.1.3");
    }

    @Test
    void what_an_agent_that_died_left_behind_is_ended() throws Exception {
        var paths = List.of(run.resolve("_proof.x.q"), run.resolve("_proof.x.log"));
        Files.writeString(ram.resolve("_proof.x.ram"), "");
        var process = new ProcessBuilder(
                        List.of("sh", "-c", "sleep 100; : socket", "socket,path=" + paths.getFirst() + ",server=on"))
                .start();
        var reader = new ProcessBuilder(
                        List.of("sh", "-c", "sleep 100; :", paths.getFirst().toString()))
                .start();
        try {
            Files.writeString(paths.getLast(), "words");
            throwAways.sweep();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(reader.isAlive()).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            reader.descendants().forEach(ProcessHandle::destroyForcibly);
            reader.destroyForcibly();
        }
    }

    private List<Finding> prove(String from, String to, String... extra) throws Exception {
        return prove(vm("pc-q35-10.0", extra), List.of(release(from), release(to)));
    }

    private List<Finding> prove(VmSpec vm, List<ReleaseManifest> way) throws Exception {
        return prover.prove(vm, ProofDesk.Words.OF_ITS_DESCRIPTION, way);
    }

    private static String said(List<Finding> findings, Probe probe, @Nullable Method method) {
        return findings.stream()
                .filter(finding -> finding.probe() == probe && finding.method() == method)
                .map(finding -> finding.verdict() + " " + finding.code() + " " + finding.evidence())
                .findFirst()
                .orElse("nothing");
    }

    private VmSpec vm(String machine, String... extra) throws IOException {
        var arguments = new ArrayList<>(List.of(extra));
        if (String.join(" ", extra).contains("drive=d0")) {
            arguments.addAll(0, List.of("-blockdev", "{\"driver\":\"null-co\",\"node-name\":\"d0\",\"size\":1048576}"));
        }
        return new VmSpec(
                new VmId("vm-1"),
                new ReleaseId("r"),
                machine,
                "qemu64",
                "tcg",
                1,
                64L << 20,
                List.of(),
                List.of(),
                new VmSpec.Boot(null, null, null, null),
                arguments,
                Map.of(),
                Duration.ofSeconds(1),
                List.of());
    }

    private static ReleaseManifest release(String request) throws Exception {
        return RealQemu.release(request);
    }
}
