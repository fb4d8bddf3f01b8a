package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.coordinator.node.NodeSettings;
import dev.neurath.coordinator.node.StartFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSettingsTest {
    private static final Map<String, String> PLAINTEXT = Map.of("neurath.plaintext", "true");

    @TempDir
    private Path directory;

    @Test
    void a_flag_comes_before_the_environment_and_that_before_the_file() throws IOException {
        Path file = file("neurath { fleet = from-file, plaintext = true, api.address = \"127.0.0.1:1\" }");
        var environment = Map.of("NEURATH_FLEET", "from-environment", "NEURATH_API", "127.0.0.1:2");
        NodeSettings settings = NodeSettings.of(Map.of("neurath.api.address", "127.0.0.1:3"), environment, file);
        assertThat(settings.api().port()).isEqualTo(3);
        assertThat(settings.fleet().value()).isEqualTo("from-environment");
        assertThat(NodeSettings.of(Map.of(), Map.of(), file).fleet().value()).isEqualTo("from-file");
    }

    @Test
    void an_unknown_key_is_refused_with_its_place() throws IOException {
        Path file = file("neurath {\n  plaintext = true\n  feeed.page = 7\n}");
        assertThatThrownBy(() -> NodeSettings.of(Map.of(), Map.of(), file))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("neurath.feeed.page")
                .hasMessageContaining(": 3");
    }

    @Test
    void what_is_not_ours_is_refused_in_the_file() throws IOException {
        Path file = file("pekko.loglevel = DEBUG");
        assertThatThrownBy(() -> NodeSettings.of(PLAINTEXT, Map.of(), file)).hasMessageContaining("pekko.loglevel");
    }

    @Test
    void an_address_that_is_none_is_refused_with_its_origin() {
        assertThatThrownBy(() -> NodeSettings.of(
                        Map.of("neurath.plaintext", "true", "neurath.api.address", "nowhere"), Map.of(), null))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("command line");
    }

    @Test
    void plaintext_has_to_be_said_and_stays_on_loopback() {
        assertThatThrownBy(() -> NodeSettings.of(Map.of(), Map.of(), null)).hasMessageContaining("--plaintext");
        assertThatThrownBy(() -> NodeSettings.of(
                        Map.of("neurath.plaintext", "true", "neurath.api.address", "0.0.0.0:0"), Map.of(), null))
                .hasMessageContaining("0.0.0.0:0");
    }

    @Test
    void an_address_for_certificates_is_refused_where_none_is_asked_for() {
        assertThatThrownBy(() -> NodeSettings.of(PLAINTEXT, Map.of("NEURATH_METRICS", "127.0.0.1:9100"), null))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("--metrics 127.0.0.1:9100")
                .hasMessageContaining("--http");
    }

    @Test
    void traces_are_exported_nowhere_unless_a_collector_is_named_with_its_path() {
        assertThat(NodeSettings.of(PLAINTEXT, Map.of(), null).traces()).isEmpty();
        assertThat(NodeSettings.of(PLAINTEXT, Map.of("NEURATH_TRACES", "http://127.0.0.1:4318/v1/traces"), null)
                        .traces())
                .contains(URI.create("http://127.0.0.1:4318/v1/traces"));
        for (String wrong :
                List.of("127.0.0.1:4318", "http://127.0.0.1:4318", "grpc://a:1/v1/traces", "http://a b/c")) {
            assertThatThrownBy(() -> NodeSettings.of(PLAINTEXT, Map.of("NEURATH_TRACES", wrong), null))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("--traces")
                    .hasMessageContaining("'" + wrong + "'")
                    .hasMessageContaining("/v1/traces");
        }
    }

    @Test
    void traces_leave_the_machine_by_https_only() {
        for (String right : List.of(
                "http://localhost:4318/v1/traces",
                "http://127.3.2.1:4318/v1/traces",
                "http://[::1]:4318/v1/traces",
                "https://192.0.2.1:4318/v1/traces",
                "https://collector.example.org/v1/traces")) {
            assertThat(NodeSettings.of(PLAINTEXT, Map.of("NEURATH_TRACES", right), null)
                            .traces())
                    .contains(URI.create(right));
        }
        for (String wrong : List.of(
                "http://192.0.2.1:4318/v1/traces",
                "http://[2001:db8::1]:4318/v1/traces",
                "http://localhost.example.org/v1/traces")) {
            assertThatThrownBy(() -> NodeSettings.of(PLAINTEXT, Map.of("NEURATH_TRACES", wrong), null))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("--traces")
                    .hasMessageContaining("'" + wrong + "'")
                    .hasMessageContaining("https");
        }
    }

    @Test
    void a_collector_that_is_refused_is_named_without_its_password() {
        Map<String, String> told = Map.of(
                "http://me:secret@192.0.2.1:4318/v1/traces?token=secret#secret", "'http://192.0.2.1:4318/v1/traces'",
                "https://me:secret@collector.example.org?token=secret", "'https://collector.example.org'",
                "ftp://192.0.2.1/v1/traces?to=a@secret", "'ftp://192.0.2.1/v1/traces'",
                "http://me:7/secret@192.0.2.1/v1/traces", "password",
                "http://me:secret@a b/v1/traces", "password",
                "http://a_b/v1/traces?secret", "password");
        told.forEach((url, named) -> assertThatThrownBy(
                        () -> NodeSettings.of(PLAINTEXT, Map.of("NEURATH_TRACES", url), null))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("--traces")
                .hasMessageContaining(named)
                .hasMessageNotContaining("secret")
                .hasNoCause());
    }

    @Test
    void a_database_that_is_no_postgresql_is_refused_without_telling_its_password() {
        assertThatThrownBy(() -> NodeSettings.of(
                        Map.of("neurath.plaintext", "true", "neurath.database.url", "mysql://db/x?password=secret"),
                        Map.of(),
                        null))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("--database")
                .hasMessageContaining("'mysql://db/x'")
                .hasMessageNotContaining("secret");
    }

    @Test
    void a_file_that_is_missing_is_told() {
        assertThatThrownBy(() -> NodeSettings.of(PLAINTEXT, Map.of(), directory.resolve("none.conf")))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("none.conf");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("node.conf"), text);
    }
}
