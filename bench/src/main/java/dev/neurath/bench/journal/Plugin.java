package dev.neurath.bench.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.neurath.bench.BenchDatabase;
import dev.neurath.bench.Samples;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.persistence.Persistence;

/** A journal plugin in an actor system of its own, on a database of its own, with nothing else in it. */
final class Plugin implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final BenchDatabase server;
    private final ActorSystem system;
    private final ActorRef journal;

    private Plugin(BenchDatabase server, String id, Config settings) {
        this.server = server;
        this.system = ActorSystem.create(
                "bench",
                settings.withFallback(ConfigFactory.parseString("pekko { actor.provider = local, loglevel = WARNING,"
                                + " stdout-loglevel = OFF, loggers = [\"org.apache.pekko.event.slf4j.Slf4jLogger\"] }"))
                        .withFallback(ConfigFactory.load()));
        this.journal = Persistence.get(system).journalFor(id, ConfigFactory.empty());
    }

    static Plugin ours(BenchDatabase server, String url) {
        return new Plugin(
                server, "neurath.journal", ConfigFactory.parseString("neurath.database.url = \"" + url + "\""));
    }

    /** As it comes: its own batches of 400, its own 8 at a time and 20 connections. */
    static Plugin persistenceJdbc(BenchDatabase server, String url) throws IOException, SQLException {
        try (InputStream in = ClassLoader.getSystemResourceAsStream("schema/postgres/postgres-create-schema.sql");
                Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            if (in == null) {
                throw new IOException("pekko-persistence-jdbc's own schema is not on the class path");
            }
            for (String one : new String(in.readAllBytes(), StandardCharsets.UTF_8).split(";")) {
                if (!one.isBlank()) {
                    statement.execute(one);
                }
            }
        }
        return new Plugin(
                server,
                "jdbc-journal",
                ConfigFactory.parseString("jdbc-journal.slick { profile = \"slick.jdbc.PostgresProfile$\","
                        + " db { driver = \"org.postgresql.Driver\", url = \"" + url + "\" } }"));
    }

    void run(Load load, JournalFigures figures) throws IOException, InterruptedException {
        double cpu = server.cpuMillis();
        long begun = System.nanoTime();
        var done = new CompletableFuture<Samples>();
        system.actorOf(AppendDriver.props(journal, load, done));
        try {
            Samples micros = done.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            double millis = (System.nanoTime() - begun) / 1e6;
            figures.round(load.events(), millis, micros, server.cpuMillis() - cpu);
        } catch (ExecutionException e) {
            throw new IOException("an event could not be appended: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException(load + " is not appended within " + LIMIT, e);
        }
    }

    @Override
    public void close() {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }
}
