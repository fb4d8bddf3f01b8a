package dev.neurath.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.cli.Captured;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.FakeCoordinator;
import dev.neurath.cli.Rollouts;
import dev.neurath.proto.v1.Plan;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutPhase;
import io.grpc.Status;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExitCodeTest {
    private static final String ROLLOUT = """
            apiVersion: neurath/v1
            kind: Rollout
            metadata: { name: r }
            release: { qemu: q }
            """;

    private final FakeCoordinator coordinator = new FakeCoordinator();

    @AfterEach
    void stop() {
        coordinator.close();
    }

    @ParameterizedTest
    @CsvSource({
        "FAILED_PRECONDITION, FROZEN, 7",
        "FAILED_PRECONDITION, STALE_PLAN, 6",
        "INVALID_ARGUMENT, INTENT_INVALID, 2",
        "NOT_FOUND, UNKNOWN_ROLLOUT, 1",
        "PERMISSION_DENIED, ROLE_MISSING, 4",
        "UNAVAILABLE, DATABASE_AWAY, 1"
    })
    void a_refusal_is_printed_with_code_sentence_and_way_out(Status.Code status, String code, int exitCode) {
        coordinator.refuseWith(status, code, "It is as it is.", "neurath explain r-1");
        Captured run = Captured.run("rollout", "show", "r-1", "--server", coordinator.address());
        assertThat(run.exitCode()).isEqualTo(exitCode);
        assertThat(run.err()).contains(code + ": It is as it is.").contains("neurath explain r-1");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void a_status_without_a_refusal_is_printed_as_it_is() {
        coordinator.failWith(Status.INTERNAL.withDescription("a bug"));
        Captured run = Captured.run("rollout", "show", "r-1", "--server", coordinator.address());
        assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(run.err()).contains("INTERNAL: a bug");
    }

    @Test
    void no_server_is_an_error_that_names_the_way_out() throws IOException {
        int port;
        try (ServerSocket closedAtOnce = new ServerSocket(0)) {
            port = closedAtOnce.getLocalPort();
        }
        Captured run = Captured.run("vm", "list", "--server", "127.0.0.1:" + port);
        assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(run.err())
                .contains("no coordinator serves at 127.0.0.1:" + port)
                .contains("neurath up");
    }

    @ParameterizedTest
    @CsvSource({
        "vm shoow",
        "vm",
        "nothing",
        "vm list -o xml",
        "vm list --server here",
        "rollout wait r-1 --timeout soon",
        "apply",
        "plan"
    })
    void bad_usage_is_2_and_stdout_stays_empty(String line) {
        Captured run = Captured.run(line.split(" "));
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).isNotEmpty();
        assertThat(run.out()).isEmpty();
    }

    @Test
    void a_rollout_that_failed_is_3_for_whoever_waits() {
        coordinator.looks.add(Rollouts.inItsSecondWave());
        coordinator.looks.add(Rollouts.inItsSecondWave().toBuilder()
                .setPhase(RolloutPhase.ROLLOUT_PHASE_FAILED)
                .setReason("FAILURES: 2 of 2")
                .build());
        Captured run = Captured.run("rollout", "wait", "r-7", "--server", coordinator.address());
        assertThat(run.exitCode()).isEqualTo(ExitCode.ROLLOUT_FAILED);
        assertThat(run.out()).contains("FAILED").contains("FAILURES: 2 of 2");
    }

    @Test
    void giving_up_is_5_and_says_that_the_rollout_goes_on() {
        coordinator.looks.add(Rollouts.inItsSecondWave());
        Captured run = Captured.run("rollout", "wait", "r-7", "--timeout", "1ms", "--server", coordinator.address());
        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP_WAITING);
        assertThat(run.err()).contains("r-7f3a is RUNNING and goes on");
    }

    @Test
    void giving_up_is_5_also_when_no_node_can_be_reached_any_more() {
        coordinator.looks.add(Rollouts.inItsSecondWave());
        coordinator.goneAfter = 1;
        Captured run = Captured.run("rollout", "wait", "r-7", "--timeout", "1s", "--server", coordinator.address());
        assertThat(run.exitCode()).isEqualTo(ExitCode.GAVE_UP_WAITING);
        assertThat(run.err()).contains("gave up waiting");
    }

    @Test
    void whoever_waits_is_told_once_that_a_rollout_is_paused_and_the_ways_out() {
        Rollout paused = Rollouts.inItsSecondWave().toBuilder()
                .setPhase(RolloutPhase.ROLLOUT_PHASE_PAUSED)
                .setReason("LIMIT_FAILURES: 2 of 2")
                .build();
        coordinator.looks.add(Rollouts.inItsSecondWave());
        coordinator.looks.add(paused);
        coordinator.looks.add(paused);
        coordinator.looks.add(Rollouts.complete());
        Captured run = Captured.run("rollout", "wait", "r-7", "--server", coordinator.address());
        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.err().lines().filter(line -> line.contains("PAUSED")))
                .singleElement()
                .asString()
                .contains("LIMIT_FAILURES: 2 of 2")
                .contains("neurath rollout resume r-7f3a")
                .contains("neurath rollout abort r-7f3a");
    }

    @Test
    void a_rollout_file_is_planned_first_and_then_applied_by_the_plans_id(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("r.yaml"), ROLLOUT);
        coordinator.plan = Plan.newBuilder().setId("p-7f3a").setYaml(ROLLOUT).build();
        coordinator.looks.add(Rollouts.inItsSecondWave());
        assertThat(Captured.run("apply", "-f", file.toString(), "--server", coordinator.address())
                        .exitCode())
                .isEqualTo(ExitCode.OK);
        assertThat(coordinator.requests)
                .last()
                .isEqualTo(dev.neurath.proto.v1.ApplyRequest.newBuilder()
                        .setPlan(coordinator.plan)
                        .build());
    }

    @Test
    void rollouts_are_listed_by_when_they_were_started() {
        for (String id : new String[] {"r-c", "r-a", "r-b"}) {
            coordinator.all.add(Rollouts.inItsSecondWave().toBuilder()
                    .setId(id)
                    .setStarted(com.google.protobuf.Timestamp.newBuilder().setSeconds(1_788_249_600L - id.charAt(2)))
                    .build());
        }
        assertThat(Captured.run("rollout", "list", "--server", coordinator.address())
                        .out()
                        .lines()
                        .skip(1)
                        .map(line -> line.substring(0, 3)))
                .containsExactly("r-c", "r-b", "r-a");
    }

    @Test
    void a_watched_apply_is_done_when_the_rollout_is(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("r.yaml"), ROLLOUT);
        coordinator.looks.add(Rollouts.inItsSecondWave());
        coordinator.looks.add(Rollouts.inItsSecondWave());
        coordinator.looks.add(Rollouts.complete());
        Captured run = Captured.run("apply", "-w", "-f", file.toString(), "--server", coordinator.address());
        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.out())
                .contains("web-4  h2  IN_FLIGHT")
                .contains("web-4  h2  UPGRADED")
                .contains("r-7f3a  COMPLETE");
    }

    @Test
    void a_kept_plan_is_applied_as_it_was_planned(@TempDir Path directory) throws IOException {
        Path intent = Files.writeString(directory.resolve("r.yaml"), ROLLOUT);
        Path kept = directory.resolve("r.plan");
        coordinator.plan = Plan.newBuilder().setId("p-7f3a").setYaml(ROLLOUT).build();
        coordinator.looks.add(Rollouts.inItsSecondWave());
        assertThat(Captured.run(
                                "plan",
                                "-f",
                                intent.toString(),
                                "--out",
                                kept.toString(),
                                "--server",
                                coordinator.address())
                        .exitCode())
                .isEqualTo(ExitCode.OK);
        assertThat(Captured.run("apply", kept.toString(), "--server", coordinator.address())
                        .exitCode())
                .isEqualTo(ExitCode.OK);
        assertThat(coordinator.requests)
                .last()
                .hasToString(dev.neurath.proto.v1.ApplyRequest.newBuilder()
                        .setPlan(coordinator.plan)
                        .build()
                        .toString());
    }

    @Test
    void a_rollout_file_given_as_a_plan_is_told_apart(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("r.yaml"), ROLLOUT);
        Captured run = Captured.run("apply", file.toString(), "--server", coordinator.address());
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("is not a plan").contains("neurath apply -f");
    }

    @Test
    void a_document_stream_has_one_object_per_line() {
        coordinator.looks.add(Rollouts.inItsSecondWave());
        coordinator.looks.add(Rollouts.inItsSecondWave());
        coordinator.looks.add(Rollouts.complete());
        Captured run = Captured.run("rollout", "show", "-w", "-o", "json", "r", "--server", coordinator.address());
        assertThat(run.out().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .startsWith("{\"apiVersion\":\"neurath/v1\",\"kind\":\"Rollout\",")
                        .endsWith("}"));
    }

    @Test
    void a_mistake_in_a_rollout_file_is_named_with_file_line_and_column(@TempDir Path directory) throws IOException {
        Path file =
                Files.writeString(directory.resolve("r.yaml"), ROLLOUT + "limits: { failurs: 3 }\nonLimit: panic\n");
        for (String verb : new String[] {"plan", "apply"}) {
            Captured run = Captured.run(verb, "-f", file.toString(), "--server", coordinator.address());
            assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err())
                    .contains("INTENT_INVALID")
                    .contains(file.toString())
                    .contains("failurs")
                    .contains("line 5")
                    .contains("column 11");
            assertThat(run.err()).contains("onLimit").contains("line 6");
        }
        assertThat(coordinator.requests).isEmpty();
    }

    @Test
    void an_unknown_rollout_phase_is_not_an_end() {
        assertThat(dev.neurath.cli.live.RolloutFollower.hasEnded(
                        Rollout.getDefaultInstance().getPhase()))
                .isFalse();
    }
}
