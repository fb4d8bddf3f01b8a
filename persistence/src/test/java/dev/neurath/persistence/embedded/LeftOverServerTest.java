package dev.neurath.persistence.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neurath.persistence.testing.DyingNode;
import dev.neurath.persistence.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class LeftOverServerTest {
    /** One for all tests: making a database is the slow part. */
    @TempDir
    static Path state;

    @AfterEach
    void nothing_is_left_running() {
        EmbeddedDatabase.stop(state);
    }

    @Test
    void the_server_of_a_killed_node_is_taken_over_with_every_acknowledged_row() throws Exception {
        Process node = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DyingNode.class.getName(),
                        state.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long server;
        String last;
        try (BufferedReader said = node.inputReader(StandardCharsets.UTF_8)) {
            server = Long.parseLong(await(said, "pid ").substring(4));
            last = await(said, "kept 20");
            // Not through the Process itself: that would close its output, and the last words count.
            node.toHandle().destroyForcibly();
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                last = line;
            }
        }
        assertThat(node.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(ProcessHandle.of(server)).as("the server outlives its node").isPresent();

        try (EmbeddedDatabase database = EmbeddedDatabase.start(state, 0)) {
            assertThat(database.pid()).isEqualTo(server);
            assertThat(rows(database, "kept")).isGreaterThanOrEqualTo(Long.parseLong(last.substring(5)));
        }
    }

    @Test
    void a_stale_pid_file_that_names_a_stranger_an_initialization_cut_short_and_a_cut_file_do_not_hinder()
            throws Exception {
        Files.createDirectories(state.resolve("data.draft-cut-short/base"));
        EmbeddedDatabase.start(state, 0).close();
        assertThat(state.resolve("data.draft-cut-short")).doesNotExist();

        Path pidFile = state.resolve("data/postmaster.pid");
        long stranger = ProcessHandle.current().pid();
        Files.write(
                pidFile, List.of("" + stranger, state.resolve("data").toString(), "1", "5432", "", "", "", "ready"));
        assertThat(EmbeddedDatabase.running(state)).isEmpty();
        EmbeddedDatabase.start(state, 0).close();

        Files.writeString(pidFile, "");
        EmbeddedDatabase.start(state, 0).close();
    }

    @Test
    void a_missing_password_is_named_and_never_replaced() throws Exception {
        EmbeddedDatabase.start(state, 0).close();
        Path password = state.resolve("password");
        byte[] kept = Files.readAllBytes(password);
        Files.delete(password);
        assertThatThrownBy(() -> EmbeddedDatabase.start(state, 0))
                .isInstanceOf(DatabaseStartException.class)
                .hasMessageContaining("password is missing");
        Files.write(password, kept);
    }

    @Test
    void every_way_to_drop_privileges_serves_the_same_data() throws Exception {
        boolean root = Privileges.available() != Privileges.OWN;
        List<Privileges> ways = root
                ? List.of(Privileges.NOBODY, Privileges.USER_NAMESPACE, Privileges.NOBODY)
                : List.of(Privileges.OWN);
        // Below a directory that everybody may enter: whether a program may be run is asked without any capability.
        Path cache = Files.createTempDirectory("neurath-binaries");
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxr-xr-x"));
        PostgresBinaries binaries = PostgresBinaries.unpackedIn(cache);
        try {
            for (Privileges way : ways) {
                try (EmbeddedDatabase database = EmbeddedDatabase.start(state, 0, way, binaries)) {
                    EmbeddedDatabaseTest.execute(database.jdbcUrl(), "create table if not exists ways(x int)");
                    EmbeddedDatabaseTest.execute(database.jdbcUrl(), "insert into ways values (1)");
                }
            }
        } finally {
            TestDatabase.delete(cache);
        }
        try (EmbeddedDatabase database = EmbeddedDatabase.start(state, 0)) {
            assertThat(rows(database, "ways")).isEqualTo(ways.size());
        }
    }

    @Test
    void the_command_starts_shows_and_stops_a_server_that_outlives_it() {
        assertThat(run("status", "--state", state.toString()).code()).isEqualTo(3);
        Said started = run("start", "--state", state.toString(), "--port", "0");
        assertThat(started.code()).as(started.err()).isZero();
        assertThat(run("status", "--state", state.toString()).out())
                .isEqualTo(started.out())
                .startsWith("jdbc:postgresql:");
        assertThat(run("stop", "--state", state.toString()).code()).isZero();
        assertThat(run("stop", "--state", state.toString()).code()).isEqualTo(3);
        assertThat(run("start").code()).isEqualTo(2);
        assertThat(run("start", "--state", state.toString(), "--port", "x").code())
                .isEqualTo(2);
        int taken = TestDatabase.port();
        Said refused = run("start", "--state", state.toString(), "--port", "" + taken);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("Port " + taken);
    }

    @Test
    void the_command_says_what_it_takes_and_what_it_does_not_know() {
        Said help = run("start", "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("database start --state DIR [--port P]");
        assertThat(help.err()).isEmpty();
        String directory = state.toString();
        assertThat(wrong("begin", "--state", directory)).startsWith("Unknown command 'begin'.");
        assertThat(wrong()).startsWith("A command is missing.");
        assertThat(wrong("start", "--state", directory, "--prot", "1")).startsWith("'start' has no option '--prot'.");
        assertThat(wrong("stop", "--state", directory, "--port", "1")).startsWith("'stop' has no option '--port'.");
        assertThat(wrong("start", "--state")).startsWith("The value of --state is missing.");
        assertThat(run("status", "--state", directory).code())
                .as("nothing was begun")
                .isEqualTo(3);
    }

    private static String wrong(String... arguments) {
        Said said = run(arguments);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        return said.err();
    }

    private record Said(int code, String out, String err) {}

    private static Said run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = DatabaseServer.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static String await(BufferedReader said, String start) throws Exception {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith(start)) {
                return line;
            }
        }
        throw new AssertionError("The node ended before it said " + start);
    }

    private static long rows(EmbeddedDatabase database, String table) throws Exception {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
                ResultSet row = connection.createStatement().executeQuery("select count(*) from " + table)) {
            row.next();
            return row.getLong(1);
        }
    }
}
