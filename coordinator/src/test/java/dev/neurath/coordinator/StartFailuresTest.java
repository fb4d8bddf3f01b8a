package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.coordinator.node.StateDirectory;
import dev.neurath.persistence.embedded.EmbeddedDatabase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which a start can fail ends with one sentence and the documented exit code, and leaves nothing behind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StartFailuresTest {
    private Path directory;
    private EmbeddedDatabase database;
    private int states;

    /** @param exitCode of the process */
    private record Ended(int exitCode, String said) {}

    @BeforeAll
    void start(@TempDir Path temporary) {
        directory = temporary;
        database = EmbeddedDatabase.start(temporary.resolve("database"), 0);
    }

    @AfterAll
    void stop() {
        database.close();
    }

    @Test
    void an_api_port_in_use_is_named() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ended ended = up("--database", database.jdbcUrl(), "--api", "127.0.0.1:" + taken.getLocalPort());
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.said())
                    .contains("127.0.0.1:" + taken.getLocalPort())
                    .contains("--api");
        }
    }

    @Test
    void a_cluster_port_in_use_is_named() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ended ended = up("--database", database.jdbcUrl(), "--cluster", "127.0.0.1:" + taken.getLocalPort());
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.said())
                    .contains("127.0.0.1:" + taken.getLocalPort())
                    .contains("--cluster");
        }
    }

    @Test
    void a_health_port_in_use_is_named() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ended ended = up("--database", database.jdbcUrl(), "--http", "127.0.0.1:" + taken.getLocalPort());
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.said())
                    .contains("127.0.0.1:" + taken.getLocalPort())
                    .contains("--http");
        }
    }

    @Test
    void a_database_that_is_down_is_waited_for_within_a_bound() throws Exception {
        int nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = free.getLocalPort();
        }
        Path config = java.nio.file.Files.writeString(
                directory.resolve("short.conf"), "neurath.start.database-patience = 2s");
        Ended ended = up(
                "--database",
                "jdbc:postgresql://127.0.0.1:" + nobody + "/neurath?user=u&password=secret",
                "--config",
                config.toString());
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.said()).contains("127.0.0.1:" + nobody).doesNotContain("secret");
    }

    @Test
    void a_database_of_another_fleet_or_of_a_newer_build_is_refused() throws Exception {
        try (EmbeddedDatabase other = EmbeddedDatabase.start(directory.resolve("other"), 0);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // It founds the fleet before it finds out that it cannot listen.
            up("--database", other.jdbcUrl(), "--fleet", "ours", "--api", "127.0.0.1:" + taken.getLocalPort());
            Ended ended = up("--database", other.jdbcUrl(), "--fleet", "theirs");
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.said()).contains("'ours'").contains("'theirs'");
            execute(other, "insert into neurath.schema_version(version) values (999)");
            Ended schema = up("--database", other.jdbcUrl(), "--fleet", "ours");
            assertThat(schema.exitCode()).isEqualTo(1);
            assertThat(schema.said()).contains("999");
        }
    }

    @Test
    void a_state_directory_is_its_nodes_alone() throws Exception {
        Path open = Files.createDirectory(
                directory.resolve("open"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        try (StateDirectory taken = StateDirectory.take(open)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(taken.path())))
                    .isEqualTo("rwx------");
        }
        assertThatThrownBy(() -> StateDirectory.take(Path.of("/tmp"))).hasMessageContaining("--state");
    }

    @Test
    void a_wrong_option_is_a_matter_of_usage() {
        assertThat(up("--nonsense").exitCode()).isEqualTo(2);
        assertThat(run(List.of("--state", directory.resolve("x").toString())).exitCode())
                .isEqualTo(2);
    }

    private static void execute(EmbeddedDatabase database, String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Ended up(String... options) {
        var all = new ArrayList<>(List.of(
                "--state", directory.resolve("state-" + ++states).toString(), "--plaintext", "--fleet", "start"));
        for (String option : options) {
            if (option.equals("--fleet")) {
                all.remove("--fleet");
                all.remove("start");
            }
        }
        all.addAll(List.of(options));
        if (!all.contains("--api")) {
            all.addAll(List.of("--api", "127.0.0.1:0"));
        }
        return run(all);
    }

    private static Ended run(List<String> arguments) {
        var said = new ByteArrayOutputStream();
        var err = new PrintStream(said, true, StandardCharsets.UTF_8);
        int exitCode = NodeMain.run(
                arguments.toArray(String[]::new),
                Map.of(),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                err);
        return new Ended(exitCode, said.toString(StandardCharsets.UTF_8));
    }
}
