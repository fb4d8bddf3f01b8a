package dev.neurath.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.neurath.cli.Captured;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.FakeCoordinator;
import dev.neurath.proto.v1.QemuProcess;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.Vm;
import dev.neurath.proto.v1.VmPhase;
import dev.neurath.proto.v1.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VmCommandsTest {
    private static final String VM = """
            apiVersion: neurath/v1
            kind: VirtualMachine
            id: web-1
            release: qemu-10.0.2
            machine: pc-q35-10.0
            memory: 256M
            """;

    private final FakeCoordinator coordinator = new FakeCoordinator();

    @BeforeEach
    void fleet() {
        for (String id : new String[] {"web-1", "web-10", "db"}) {
            coordinator.vms.add(Vm.newBuilder()
                    .setId(id)
                    .setHost("h1")
                    .setPhase(VmPhase.VM_PHASE_STEADY)
                    .setGeneration(3)
                    .setSpec(VmSpec.newBuilder().setMemoryBytes(64L << 20))
                    .setProcess(QemuProcess.newBuilder().setPid(4711))
                    .build());
        }
    }

    @AfterEach
    void stop() {
        coordinator.close();
    }

    @Test
    void a_prefix_that_means_one_vm_is_enough() {
        assertThat(run("vm", "show", "d").out()).contains("db").contains("STEADY");
    }

    @Test
    void an_exact_id_wins_over_longer_ones() {
        assertThat(run("vm", "show", "web-1", "-o", "json").out()).contains("\"id\" : \"web-1\"");
    }

    @Test
    void a_prefix_of_several_names_them() {
        Captured run = run("vm", "show", "web");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("web-1, web-10");
    }

    @Test
    void a_vm_is_stopped_by_its_whole_id_only() {
        run("vm", "stop", "d");
        assertThat(coordinator.requests)
                .singleElement()
                .isEqualTo(dev.neurath.proto.v1.StopVmRequest.newBuilder()
                        .setId("d")
                        .build());
    }

    @Test
    void an_unknown_vm_is_an_error() {
        Captured run = run("vm", "show", "mail");
        assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(run.err()).contains("there is no VM mail").contains("neurath vm list");
    }

    @Test
    void in_json_numbers_are_numbers_and_what_is_absent_is_null() throws IOException {
        JsonNode list =
                new ObjectMapper().readTree(run("vm", "list", "-o", "json").out());
        assertThat(list.path("kind").textValue()).isEqualTo("VmList");
        JsonNode vm = list.path("items").path(0);
        assertThat(vm.path("generation").isIntegralNumber()).isTrue();
        assertThat(vm.path("spec").path("memoryBytes").longValue()).isEqualTo(64L << 20);
        assertThat(vm.path("phase").textValue()).isEqualTo("STEADY");
        assertThat(vm.path("since").isNull()).isTrue();
    }

    @Test
    void the_table_has_a_line_per_vm() {
        assertThat(run("vm", "list").out().lines())
                .hasSize(4)
                .first()
                .asString()
                .startsWith("VM");
    }

    @Test
    void a_vm_is_started_as_its_file_says(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("vm.yaml"), VM);
        assertThat(run("vm", "start", "-f", file.toString(), "--host", "h2").exitCode())
                .isEqualTo(ExitCode.OK);
        assertThat(coordinator.requests).singleElement().isInstanceOfSatisfying(StartVmRequest.class, request -> {
            assertThat(request.getHost()).isEqualTo("h2");
            assertThat(request.getSpec().getId()).isEqualTo("web-1");
            assertThat(request.getSpec().getMemoryBytes()).isEqualTo(256L << 20);
        });
    }

    @Test
    void a_mistake_in_a_vm_file_is_named_with_file_line_and_column(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("vm.yaml"), VM + "vcpu: 2\n");
        Captured run = run("vm", "start", "-f", file.toString());
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err())
                .contains("INTENT_INVALID")
                .contains(file.toString())
                .contains("vcpu")
                .contains("line 7")
                .contains("column 1");
        assertThat(coordinator.requests).isEmpty();
    }

    private Captured run(String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--server";
        all[arguments.length + 1] = coordinator.address();
        return Captured.run(all);
    }
}
