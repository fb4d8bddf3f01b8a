package dev.neurath.persistence.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of this node's own: real programs, data in a state directory, loopback only.
 *
 * <p>The server is a process in a session of its own and outlives this JVM when that is killed; the next start in the same
 * state directory takes it over as it runs. While this object is open the server is kept alive: if it dies, it is started
 * again on the same port. Losing power or either process loses nothing that was acknowledged.
 */
public final class EmbeddedDatabase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final Duration RESTART_EVERY = Duration.ofSeconds(1);

    /** A server that runs: enough to use it. */
    public record Server(long pid, int port, String jdbcUrl) {}

    private final ServerPrograms programs;
    private final FileChannel lock;
    private final Thread keeper;
    private volatile Server server;
    private volatile boolean closing;

    private EmbeddedDatabase(ServerPrograms programs, FileChannel lock, Server server) {
        this.programs = programs;
        this.lock = lock;
        this.server = server;
        this.keeper = Thread.ofVirtual().name("neurath-database-keeper").start(this::keepAlive);
    }

    /**
     * Starts the server of a state directory, or takes over the one that runs.
     *
     * @param port 0 for any free one; a server that is taken over keeps its own
     * @throws DatabaseStartException with what to do about it
     */
    public static EmbeddedDatabase start(Path stateDirectory, int port) {
        Privileges privileges = Privileges.available();
        return start(stateDirectory, port, privileges, PostgresBinaries.unpackedFor(privileges));
    }

    static EmbeddedDatabase start(Path stateDirectory, int port, Privileges privileges, PostgresBinaries binaries) {
        StateDirectory state = StateDirectory.at(stateDirectory);
        FileChannel lock = null;
        boolean started = false;
        try {
            lock = state.lock();
            ServerPrograms programs = new ServerPrograms(state, binaries, privileges);
            EmbeddedDatabase database = new EmbeddedDatabase(programs, lock, programs.startOrTakeOver(port));
            started = true;
            return database;
        } catch (IOException e) {
            throw new DatabaseStartException("Cannot start the database in " + state.root() + ": " + Reasons.of(e), e);
        } finally {
            if (lock != null && !started) {
                release(lock);
            }
        }
    }

    /** The server that runs in a state directory, whoever started it. Takes no lock. */
    public static Optional<Server> running(Path stateDirectory) {
        StateDirectory state = StateDirectory.at(stateDirectory);
        try {
            Optional<Postmaster> found = Postmaster.runningIn(state.data());
            return found.isEmpty() ? Optional.empty() : Optional.of(Urls.server(found.get(), state.password()));
        } catch (IOException e) {
            throw new DatabaseStartException("Cannot look for a database in " + state.root() + ": " + Reasons.of(e), e);
        }
    }

    /** Stops the server of a state directory; false when none runs. Refused while a node holds it. */
    public static boolean stop(Path stateDirectory) {
        StateDirectory state = StateDirectory.at(stateDirectory);
        try (FileChannel held = state.lock()) {
            assert held.isOpen();
            Privileges privileges = Privileges.available();
            return new ServerPrograms(state, PostgresBinaries.unpackedFor(privileges), privileges).stop();
        } catch (IOException e) {
            throw new DatabaseStartException("Cannot stop the database in " + state.root() + ": " + Reasons.of(e), e);
        }
    }

    /** With user and password: for the driver, not for logs. */
    public String jdbcUrl() {
        return server.jdbcUrl();
    }

    public long pid() {
        return server.pid();
    }

    public int port() {
        return server.port();
    }

    /** Lets go of the server without stopping it. */
    public void leaveRunning() {
        closing = true;
        keeper.interrupt();
        release(lock);
    }

    /** Stops the server in good order: clients are disconnected, everything is written, the next start needs no recovery. */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        keeper.interrupt();
        // Whoever is told to end closes what it has, and is interrupted already: the server must not outlive it.
        boolean interrupted = Thread.interrupted();
        try {
            keeper.join();
            programs.stop();
        } catch (IOException e) {
            throw new DatabaseStartException("Cannot stop the database: " + Reasons.of(e), e);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            release(lock);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void keepAlive() {
        try {
            while (!closing) {
                ServerPrograms.awaitExit(server.pid());
                if (!closing) {
                    LOG.warn(
                            "The database server {} is gone; starting it again on port {}",
                            server.pid(),
                            server.port());
                    startAgain();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("No longer watching the database server {}", server.pid());
        }
    }

    private void startAgain() throws InterruptedException {
        try {
            server = programs.startOrTakeOver(server.port());
        } catch (IOException | DatabaseStartException e) {
            LOG.error("The database server does not start; next attempt in {}: {}", RESTART_EVERY, e.getMessage());
            TimeUnit.NANOSECONDS.sleep(RESTART_EVERY.toNanos());
        }
    }

    private static void release(FileChannel lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new DatabaseStartException("Cannot release the state directory's lock: " + Reasons.of(e), e);
        }
    }
}
