package dev.neurath.persistence.testing;

import dev.neurath.persistence.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One real server for all tests of this JVM, and an empty database for each that asks. */
public final class TestDatabase {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private TestDatabase() {}

    private static final class Shared {
        static final EmbeddedDatabase SERVER = start();

        private static EmbeddedDatabase start() {
            try {
                Path state = Files.createTempDirectory("neurath-persistence-test");
                EmbeddedDatabase server = EmbeddedDatabase.start(state, 0);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    server.close();
                    delete(state);
                }));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public static int port() {
        return Shared.SERVER.port();
    }

    /** The url of a database that nobody else uses. */
    public static String emptyUrl() {
        String name = "test" + COUNT.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(Shared.SERVER.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot create a database for a test", e);
        }
        return Shared.SERVER.jdbcUrl().replace("/neurath?", "/" + name + "?");
    }

    public static void delete(Path tree) {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
