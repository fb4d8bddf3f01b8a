package dev.neurath.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.agent.handover.HoldPoints;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentMainTest {
    private static final List<String> NEEDED =
            List.of("--host", "h1", "--coordinator", "127.0.0.1:7601,localhost:7602", "--plaintext");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(Map<String, String> environment, String... arguments) {
        return AgentMain.run(
                List.of(arguments),
                environment,
                HoldPoints.NONE,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @Test
    void help_is_printed_on_stdout_and_is_no_failure() {
        assertThat(run(Map.of(), "--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "neurath agent",
                        "--host",
                        "--coordinator",
                        "--fleet",
                        "--state",
                        "--run",
                        "--ram",
                        "--label",
                        "--guest-timeout",
                        "--plaintext",
                        "NEURATH_HOST");
        assertThat(err.size()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "--host=h1 --plaintext, --coordinator",
        "--coordinator=127.0.0.1:1 --plaintext, --host",
        "--host=h1 --coordinator=127.0.0.1:1, --plaintext",
        "--host=h1 --coordinator=127.0.0.1:1, --tls",
        "--host=h1 --coordinator=127.0.0.1:1 --plaintext --tls=/nowhere, --tls",
        "--host=h1 --coordinator=127.0.0.1:1 --tls=/nowhere, /nowhere/cert.pem",
        "--host=h/1 --coordinator=127.0.0.1:1 --plaintext, --host",
        "--host=h1 --coordinator=127.0.0.1 --plaintext, --coordinator",
        "--host=h1 --coordinator=127.0.0.1:http --plaintext, --coordinator",
        "--host=h1 --coordinator=192.0.2.1:1 --plaintext, --coordinator",
        "--host=h1 --coordinator=127.0.0.1:1 --plaintext --guest-timeout=soon, --guest-timeout",
        "--host=h1 --coordinator=127.0.0.1:1 --plaintext --guest-timeout=0, --guest-timeout",
        "--host=h1 --coordinator=127.0.0.1:1 --plaintext --label=rack, --label",
        "--host=h1 --coordinator=127.0.0.1:1 --plaintext --hots=h2, --hots",
    })
    void what_cannot_be_meant_is_named_with_its_option_and_is_a_usage_error(String arguments, String option) {
        assertThat(run(Map.of(), arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("neurath agent: ")
                .contains(option);
        assertThat(out.size()).isZero();
    }

    @Test
    void a_run_directory_that_leaves_no_room_for_a_sockets_name_is_a_usage_error(@TempDir Path directory) {
        Path longest = Path.of("/" + "r".repeat(76));
        List<String> fits = new ArrayList<>(NEEDED);
        fits.add("--run=" + longest);
        assertThat(AgentOptions.parse(fits, Map.of()).run()).isEqualTo(longest);

        assertThat(run(
                        Map.of(),
                        "--host=h1",
                        "--coordinator=127.0.0.1:1",
                        "--plaintext",
                        "--state=" + directory.resolve("s"),
                        "--run=" + longest + "r"))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--run", "has 78 bytes", "shorter");
        assertThat(directory.resolve("s")).doesNotExist();
    }

    @Test
    void directories_that_cannot_serve_are_named(@TempDir Path directory) {
        String[] onDisk = {
            "--host=h-" + UUID.randomUUID(),
            "--coordinator=127.0.0.1:1",
            "--plaintext",
            "--state=" + directory.resolve("s"),
            "--run=" + directory.resolve("r"),
            "--ram=/proc"
        };
        assertThat(run(Map.of(), onDisk)).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--ram /proc is on proc", "tmpfs");
        onDisk[3] = "--state=/proc/nowhere";
        assertThat(run(Map.of(), onDisk)).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("/proc/nowhere: no such file or directory");
    }

    @Test
    void what_is_not_given_has_its_default() {
        AgentOptions options = AgentOptions.parse(NEEDED, Map.of());
        assertThat(options.coordinators()).containsExactly("127.0.0.1:7601", "localhost:7602");
        assertThat(options.fleet().value()).isEqualTo("default");
        assertThat(options.state()).isEqualTo(Path.of("/var/lib/neurath/agent/h1"));
        assertThat(options.run()).isEqualTo(Path.of("/run/neurath/h1"));
        assertThat(options.ram()).isEqualTo(Path.of("/dev/shm"));
        assertThat(options.labels()).isEmpty();
        assertThat(options.guestTimeout()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void a_flag_beats_its_environment_variable_which_beats_the_default() {
        Map<String, String> environment = Map.of(
                "NEURATH_HOST", "h9",
                "NEURATH_COORDINATOR", "127.0.0.1:1,127.0.0.1:2",
                "NEURATH_PLAINTEXT", "true",
                "NEURATH_FLEET", "prod",
                "NEURATH_LABEL", "rack=r1",
                "NEURATH_GUEST_TIMEOUT", "7");
        AgentOptions options = AgentOptions.parse(List.of("--host", "h1"), environment);
        assertThat(options.host().value()).isEqualTo("h1");
        assertThat(options.coordinators()).containsExactly("127.0.0.1:1", "127.0.0.1:2");
        assertThat(options.fleet().value()).isEqualTo("prod");
        assertThat(options.labels()).containsExactly(Map.entry("rack", "r1"));
        assertThat(options.guestTimeout()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void labels_may_be_repeated() {
        var arguments = new java.util.ArrayList<>(NEEDED);
        arguments.addAll(List.of("--label", "rack=r1", "--label", "tier=web=x"));
        assertThat(AgentOptions.parse(arguments, Map.of()).labels()).isEqualTo(Map.of("rack", "r1", "tier", "web=x"));
    }
}
