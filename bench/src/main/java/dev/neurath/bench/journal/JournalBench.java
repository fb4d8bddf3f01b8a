package dev.neurath.bench.journal;

import dev.neurath.bench.BenchDatabase;
import dev.neurath.bench.BenchOptions;
import dev.neurath.bench.Conditions;
import dev.neurath.bench.Report;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code neurath bench journal}: our plugin, pekko-persistence-jdbc and bare JDBC take turns on one PostgreSQL. */
@Command(
        name = "journal",
        description =
                "Appends through our journal plugin, pekko-persistence-jdbc and bare JDBC, on the same PostgreSQL.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class JournalBench implements Callable<Integer> {
    private static final List<Integer> BATCHES = List.of(100, 500, 2000, 5000);

    @Mixin
    private final BenchOptions options = new BenchOptions();

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Per round (${DEFAULT-VALUE}).")
    private int events = 100_000;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "64",
            description = "Entities that wait for their last append (${DEFAULT-VALUE}).")
    private int inFlight = 64;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "That count (${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "2",
            description = "Rounds before those (${DEFAULT-VALUE}).")
    private int warmUp = 2;

    @Option(names = "--bytes", paramLabel = "N", defaultValue = "125", description = "Of an event (${DEFAULT-VALUE}).")
    private int bytes = 125;

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        if (events < 1 || inFlight < 1 || rounds < 1 || warmUp < 0 || bytes < 1) {
            throw options.usage("--events, --in-flight, --rounds and --bytes are at least 1, --warm-up at least 0");
        }
        var report = new Report("journal", Conditions.now());
        report.condition("eventsPerRound", events)
                .condition("inFlight", inFlight)
                .condition("eventBytes", bytes)
                .condition("rounds", rounds + " after " + warmUp + " to warm up")
                .condition(
                        "database",
                        "one embedded PostgreSQL, fsync and synchronous_commit on, in "
                                + System.getProperty("java.io.tmpdir"));
        try (var server = new BenchDatabase()) {
            measure(server, report);
        }
        report.condition("loadAfter", Conditions.load());
        report.note("CPU is that of this JVM and of PostgreSQL together.");
        options.print(report);
        return 0;
    }

    private void measure(BenchDatabase server, Report report) throws IOException, InterruptedException, SQLException {
        String oursUrl = server.emptyUrl();
        var ours = new JournalFigures();
        var theirs = new JournalFigures();
        var bare = new JournalFigures();
        var batches = new LinkedHashMap<Integer, JournalFigures>();
        BATCHES.forEach(size -> batches.put(size, new JournalFigures()));
        double groupSize = 0;
        try (Plugin plugin = Plugin.ours(server, oursUrl);
                Plugin jdbc = Plugin.persistenceJdbc(server, server.emptyUrl());
                var inserts = new BareInserts(server, server.emptyUrl())) {
            for (int round = -warmUp; round < rounds; round++) {
                boolean counts = round >= 0;
                var load = new Load("r" + round, events, inFlight, 10, bytes);
                plugin.run(load, counts ? ours : new JournalFigures());
                List<Integer> groups = BareInserts.groups(oursUrl, load);
                groupSize = (double) events / groups.size();
                inserts.run(load, groups, counts ? bare : new JournalFigures());
                jdbc.run(load, counts ? theirs : new JournalFigures());
                for (Map.Entry<Integer, JournalFigures> batch : batches.entrySet()) {
                    inserts.run(
                            load.named("r" + round + "x" + batch.getKey()),
                            Collections.nCopies(Math.max(1, events / batch.getKey()), Math.min(events, batch.getKey())),
                            counts ? batch.getValue() : new JournalFigures());
                }
                options.tell("round %d of %d, groups of %.1f on average".formatted(round + 1, rounds, groupSize));
            }
        }
        report.condition("eventsPerTransaction", "%.1f on average".formatted(groupSize));
        report.row("neurath.journal", ours.row());
        report.row("pekko-persistence-jdbc", theirs.row());
        report.row("bare JDBC, same groups", bare.row());
        batches.forEach((size, figures) -> report.row("bare JDBC, groups of " + size, figures.row()));
        report.compare("eventsPerSecond", "pekko-persistence-jdbc", theirs.eventsPerSecond(), ours.eventsPerSecond());
        report.compare(
                "latencyMillisP50", "pekko-persistence-jdbc", theirs.latencyMillisP50(), ours.latencyMillisP50());
        report.compare(
                "cpuMicrosPerEvent", "pekko-persistence-jdbc", theirs.cpuMicrosPerEvent(), ours.cpuMicrosPerEvent());
        report.compare("microsPerEvent", "bare JDBC, same groups", bare.microsPerEvent(), ours.microsPerEvent());
        double best = batches.values().stream()
                .mapToDouble(JournalFigures::microsPerEvent)
                .min()
                .orElseThrow();
        report.compare("microsPerEvent", "bare JDBC, best batch", best, ours.microsPerEvent());
    }
}
