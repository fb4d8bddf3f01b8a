package dev.neurath.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.neurath.persistence.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** One real PostgreSQL for all contestants of a run, as Neurath itself starts it, and an empty database for each. Gone with the run. */
public final class BenchDatabase implements AutoCloseable {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final double TICK_MILLIS = 10;

    private final Path place = Files.createTempDirectory("neurath-bench");
    private final EmbeddedDatabase server = EmbeddedDatabase.start(place.resolve("database"), 0);
    private int databases;

    public BenchDatabase() throws IOException {}

    /** With user and password, and batches as the driver sends them best, for every contestant alike. */
    public String emptyUrl() throws SQLException {
        String name = "bench" + ++databases;
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        return server.jdbcUrl().replace("/neurath?", "/" + name + "?") + "&reWriteBatchedInserts=true";
    }

    /** For the state of whoever uses it, gone with it. */
    public Path directory(String name) {
        return place.resolve(name);
    }

    /** What this JVM and the server have spent so far: differences count. */
    public double cpuMillis() throws IOException {
        double sum = SYSTEM.getProcessCpuTime() / 1e6;
        List<Path> processes;
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            processes = entries.filter(path -> path.getFileName().toString().matches("[0-9]+"))
                    .toList();
        }
        for (Path process : processes) {
            sum += serverTicks(process) * TICK_MILLIS;
        }
        return sum;
    }

    /** Of the postmaster with its children that ended, and of each child that lives; 0 of any other process. */
    private long serverTicks(Path process) throws IOException {
        String stat;
        try {
            stat = Files.readString(process.resolve("stat"));
        } catch (NoSuchFileException gone) {
            return 0;
        } catch (IOException e) {
            if (Files.exists(process)) {
                throw e;
            }
            return 0;
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        boolean postmaster = process.endsWith(Long.toString(server.pid()));
        if (!postmaster && Long.parseLong(fields[1]) != server.pid()) {
            return 0;
        }
        long own = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        return postmaster ? own + Long.parseLong(fields[13]) + Long.parseLong(fields[14]) : own;
    }

    @Override
    public void close() throws IOException {
        server.close();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
