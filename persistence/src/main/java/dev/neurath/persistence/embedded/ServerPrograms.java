package dev.neurath.persistence.embedded;

import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs initdb, postgres and pg_ctl on one state directory whose lock the caller holds.
 *
 * <p>The data directory appears under its name only when initdb has finished, so an initialization cut short is started over.
 */
final class ServerPrograms {
    private static final Logger LOG = LoggerFactory.getLogger(ServerPrograms.class);
    /** Recovery after a crash replays at most max_wal_size of log: seconds, not minutes, on any disk. */
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    private static final Duration STEP = Duration.ofMillis(20);
    private static final int PORT_ATTEMPTS = 5;
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private static final Map<String, String> SETTINGS = new TreeMap<>(Map.ofEntries(
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", ""),
            Map.entry("fsync", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("full_page_writes", "on"),
            Map.entry("max_connections", "100"),
            Map.entry("shared_buffers", "128MB"),
            Map.entry("max_wal_size", "512MB"),
            // A transaction left open anywhere holds the feed back.
            Map.entry("idle_in_transaction_session_timeout", "60s"),
            // Dead clients are noticed within half a minute.
            Map.entry("tcp_keepalives_idle", "15"),
            Map.entry("tcp_keepalives_interval", "5"),
            Map.entry("tcp_keepalives_count", "3"),
            Map.entry("log_min_messages", "warning"),
            Map.entry("log_checkpoints", "off"),
            Map.entry("log_timezone", "UTC"),
            Map.entry("timezone", "UTC")));

    private final StateDirectory state;
    private final PostgresBinaries binaries;
    private final Privileges privileges;

    ServerPrograms(StateDirectory state, PostgresBinaries binaries, Privileges privileges) {
        this.state = state;
        this.binaries = binaries;
        this.privileges = privileges;
    }

    EmbeddedDatabase.Server startOrTakeOver(int port) throws IOException {
        String password = state.password();
        Optional<Postmaster> left = Postmaster.runningIn(state.data());
        Postmaster server;
        if (left.isPresent()) {
            server = takeOver(left.get(), port);
        } else {
            state.removeDrafts();
            if (!state.hasData()) {
                initialize();
            }
            privileges.own(state.data());
            setAsideForeignPidFile();
            server = port == 0 ? startOnFreePort() : startOn(port);
        }
        createDatabase(server.port(), password);
        return Urls.server(server, password);
    }

    /** False when no server runs. */
    boolean stop() throws IOException {
        Optional<Postmaster> running = Postmaster.runningIn(state.data());
        if (running.isEmpty()) {
            return false;
        }
        Path log = state.root().resolve("stop.log");
        Process stopping = start(
                List.of("pg_ctl", "stop", "--pgdata=" + state.data(), "--mode=fast", "--wait", "--timeout=60"), log);
        if (exitOf(stopping, Duration.ofSeconds(70)) != 0
                && Postmaster.worksIn(state.data(), running.get().pid())) {
            throw new DatabaseStartException(
                    "The database server " + running.get().pid() + " does not stop: " + Reasons.fromOutput(log));
        }
        return true;
    }

    private Postmaster takeOver(Postmaster left, int port) throws IOException {
        Postmaster ready = awaitReady(left.pid(), left.port());
        if (port != 0 && ready.port() != port) {
            throw new DatabaseStartException("The database in " + state.root() + " runs already, on port "
                    + ready.port() + " instead of " + port + ": stop it first, or use that port");
        }
        LOG.info(
                "Took over the database server {} in {}, which an earlier process left running",
                ready.pid(),
                state.root());
        return ready;
    }

    private void initialize() throws IOException {
        Path draft = state.root().resolve("data.draft-" + UUID.randomUUID());
        Process initdb = start(
                List.of(
                        "initdb",
                        "--pgdata=" + draft,
                        "--username=" + Urls.USER,
                        "--pwfile=" + state.passwordFile(),
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-instructions"),
                state.initLog());
        if (exitOf(initdb, START_LIMIT) != 0) {
            String reason = Reasons.fromOutput(state.initLog());
            Trees.delete(draft);
            throw new DatabaseStartException("Cannot initialize a database in " + state.root() + ": " + reason);
        }
        Files.move(draft, state.data(), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * PostgreSQL refuses to start when the process id in a stale file is in use, by whatever program. Its other safeguard, the
     * shared memory of servers half dead, goes with the file: so it is set aside only when nobody works in the directory.
     */
    private void setAsideForeignPidFile() throws IOException {
        Path pidFile = Postmaster.pidFile(state.data());
        Optional<Postmaster> recorded = Postmaster.recordedIn(state.data());
        boolean plainlyStale =
                recorded.isPresent() && ProcessHandle.of(recorded.get().pid()).isEmpty();
        if (plainlyStale || !Files.exists(pidFile)) {
            return;
        }
        try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
            Optional<ProcessHandle> worker = processes
                    .filter(process -> Postmaster.worksIn(state.data(), process.pid()))
                    .findFirst();
            if (worker.isPresent()) {
                throw new DatabaseStartException("Process " + worker.get().pid()
                        + " of a dead database server still works in " + state.data()
                        + ": it ends by itself, try again in a moment");
            }
        }
        Files.delete(pidFile);
    }

    private Postmaster startOnFreePort() throws IOException {
        for (int attempt = 1; attempt < PORT_ATTEMPTS; attempt++) {
            try {
                return startOn(freePort());
            } catch (PortInUseException e) {
                LOG.debug("Somebody took the port between our look and the server's: {}", e.getMessage());
            }
        }
        return startOn(freePort());
    }

    private Postmaster startOn(int port) throws IOException {
        requireFree(port);
        List<String> arguments =
                new ArrayList<>(List.of("postgres", "-D", state.data().toString(), "-p", "" + port));
        SETTINGS.forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));
        state.keepLastLog();
        return awaitReady(start(arguments, state.log()).pid(), port);
    }

    private Postmaster awaitReady(long pid, int port) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<Postmaster> recorded = Postmaster.recordedIn(state.data());
            if (recorded.isPresent()
                    && recorded.get().pid() == pid
                    && recorded.get().ready()) {
                return recorded.get();
            }
            if (exitedWithin(pid, STEP)) {
                String reason = Reasons.fromOutput(state.log());
                if (reason.contains("Address already in use")) {
                    throw new PortInUseException(port);
                }
                throw new DatabaseStartException(
                        "The database server in " + state.root() + " does not start: " + reason);
            }
        }
        throw new DatabaseStartException("The database server " + pid + " in " + state.root() + " is not ready after "
                + START_LIMIT.toSeconds() + " s: " + Reasons.fromOutput(state.log()));
    }

    private void createDatabase(int port, String password) {
        String url = Urls.jdbcUrl(port, Urls.FIRST_DATABASE, password);
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            boolean present;
            try (ResultSet found =
                    statement.executeQuery("select 1 from pg_database where datname = '" + Urls.DATABASE + "'")) {
                present = found.next();
            }
            if (!present) {
                statement.execute("create database " + Urls.DATABASE);
            }
        } catch (SQLException e) {
            throw new DatabaseStartException(
                    "The database server on port " + port + " runs but does not serve: " + e.getMessage(), e);
        }
    }

    /** In a session of its own, so that neither a closed terminal nor an interrupt from its keyboard reaches the server. */
    private Process start(List<String> programAndArguments, Path log) throws IOException {
        List<String> named = new ArrayList<>(programAndArguments);
        named.set(0, binaries.program(named.getFirst()).toString());
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(privileges.command(named));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(state.root().toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // The operator's PG… variables and language are for the operator's own programs.
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        environment.put("LC_ALL", "C");
        return builder.start();
    }

    private static int exitOf(Process process, Duration limit) {
        try {
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
            process.destroyForcibly();
            return -1;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    static void awaitExit(long pid) throws InterruptedException {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        if (process.isPresent()) {
            try {
                process.get().onExit().get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("Cannot wait for process " + pid, e);
            }
        }
    }

    private static boolean exitedWithin(long pid, Duration limit) {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        if (process.isEmpty()) {
            return true;
        }
        try {
            process.get().onExit().get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseStartException("Interrupted while the database server was starting", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Cannot wait for process " + pid, e);
        }
    }

    private static void requireFree(int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(LOOPBACK, port));
        } catch (BindException e) {
            LOG.debug("Port {} cannot be bound: {}", port, e.getMessage());
            throw new PortInUseException(port);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, LOOPBACK)) {
            return probe.getLocalPort();
        }
    }
}
