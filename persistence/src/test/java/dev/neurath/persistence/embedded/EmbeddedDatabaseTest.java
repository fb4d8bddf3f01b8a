package dev.neurath.persistence.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.persistence.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EmbeddedDatabaseTest {
    /** One for all tests: making a database is the slow part. */
    @TempDir
    static Path state;

    @AfterEach
    void nothing_is_left_running() {
        EmbeddedDatabase.stop(state);
    }

    @Test
    void data_survives_a_clean_stop_and_the_password_is_only_for_the_owner() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(state, 0)) {
            execute(database.jdbcUrl(), "create table survivors(x int)");
        }
        assertThat(EmbeddedDatabase.running(state)).isEmpty();
        try (EmbeddedDatabase database = EmbeddedDatabase.start(state, 0)) {
            execute(database.jdbcUrl(), "insert into survivors values (1)");
            assertThat(show(database.jdbcUrl(), "fsync")).isEqualTo("on");
            assertThat(show(database.jdbcUrl(), "listen_addresses")).isEqualTo("127.0.0.1");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("password"))))
                .isEqualTo("rw-------");
    }

    @Test
    void a_server_left_running_is_taken_over_as_it_is() throws Exception {
        EmbeddedDatabase first = EmbeddedDatabase.start(state, 0);
        long pid = first.pid();
        first.leaveRunning();
        try (EmbeddedDatabase second = EmbeddedDatabase.start(state, 0)) {
            assertThat(second.pid()).isEqualTo(pid);
            assertThat(second.jdbcUrl()).isEqualTo(first.jdbcUrl());
        }
        assertThat(ProcessHandle.of(pid)).isEmpty();
    }

    @Test
    void a_state_directory_serves_one_process_at_a_time() {
        try (EmbeddedDatabase holder = EmbeddedDatabase.start(state, 0)) {
            assertThat(holder.pid()).isPositive();
            assertThatThrownBy(() -> EmbeddedDatabase.start(state, 0))
                    .isInstanceOf(DatabaseStartException.class)
                    .hasMessageContaining("Another process uses the database");
            assertThatThrownBy(() -> EmbeddedDatabase.stop(state)).isInstanceOf(DatabaseStartException.class);
        }
    }

    @Test
    void a_port_of_somebody_else_is_named_in_the_refusal() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThatThrownBy(() -> EmbeddedDatabase.start(state, taken.getLocalPort()))
                    .isInstanceOf(DatabaseStartException.class)
                    .hasMessageContaining("Port " + taken.getLocalPort() + " on 127.0.0.1 is in use");
        }
    }

    @Test
    void a_server_that_dies_is_started_again_on_its_port_and_has_lost_nothing() throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(state, 0)) {
            int port = database.port();
            long first = database.pid();
            execute(database.jdbcUrl(), "create table restarted as select 7 as x");
            ProcessHandle server = ProcessHandle.of(first).orElseThrow();
            assertThat(server.destroyForcibly()).isTrue();
            server.onExit().get(10, TimeUnit.SECONDS);
            Await.until("the server runs again", () -> database.pid() != first);
            assertThat(database.port()).isEqualTo(port);
            execute(database.jdbcUrl(), "insert into restarted values (8)");
        }
    }

    static void execute(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String show(String url, String setting) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show " + setting)) {
            row.next();
            return row.getString(1);
        }
    }
}
