package dev.neurath.bench.feed;

import dev.neurath.bench.BenchDatabase;
import dev.neurath.bench.BenchOptions;
import dev.neurath.bench.Conditions;
import dev.neurath.bench.Report;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code neurath bench feed}: how long after its commit a client of a real node has an event, beside a bare reader of the table. */
@Command(
        name = "feed",
        description = "From an event's commit to a client of a real node's feed, and to a bare reader of the table.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class FeedBench implements Callable<Integer> {
    @Mixin
    private final BenchOptions options = new BenchOptions();

    @Option(
            names = "--rates",
            paramLabel = "N,N",
            split = ",",
            defaultValue = "1000,5000",
            description = "Events per second (${DEFAULT-VALUE}).")
    private List<Integer> rates = List.of(1000, 5000);

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "20", description = "Per rate (${DEFAULT-VALUE}).")
    private int seconds = 20;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Before those, at the same rate (${DEFAULT-VALUE}).")
    private int warmUp = 10;

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        if (seconds < 1 || warmUp < 0 || rates.stream().anyMatch(rate -> rate < 1)) {
            throw options.usage("--rates and --seconds are at least 1, --warm-up at least 0");
        }
        var report = new Report("feed", Conditions.now());
        report.condition("secondsPerRate", seconds + " after " + warmUp + " to warm up");
        report.condition("node", "one, with its database, the appends and the client on this machine and in one JVM");
        try (var server = new BenchDatabase();
                var node = new FeedNode(server.directory("node"), server.emptyUrl())) {
            for (int rate : rates) {
                measure(node, rate, report);
            }
        }
        report.condition("loadAfter", Conditions.load());
        report.note("The commit is when the writer of the event hears that it is durable; append is when it asked.");
        options.print(report);
        return 0;
    }

    private void measure(FeedNode node, int rate, Report report)
            throws IOException, InterruptedException, SQLException {
        int skip = rate * warmUp;
        int events = skip + rate * seconds;
        Map<String, Double> bare = node.throughBareJdbc(rate, events, skip);
        options.tell(rate + "/s read by bare JDBC");
        Map<String, Double> ours = node.throughTheApi(rate, events, skip);
        options.tell(rate + "/s read through the API");
        report.row("bare JDBC reader at " + rate, bare);
        report.row("client of the node at " + rate, ours);
        for (String what : List.of("commitToClientMillisP50", "commitToClientMillisP99", "appendToClientMillisP50")) {
            report.compare(
                    what,
                    "bare JDBC reader at " + rate,
                    bare.getOrDefault(what, Double.NaN),
                    ours.getOrDefault(what, Double.NaN));
        }
    }
}
