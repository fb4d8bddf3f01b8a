package dev.neurath.bench.rollout;

import dev.neurath.bench.BenchDatabase;
import dev.neurath.bench.BenchOptions;
import dev.neurath.bench.Conditions;
import dev.neurath.bench.Report;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code neurath bench rollout}: whole rollouts over VMs on paper, beside DBOS Transact doing six durable steps per VM on the same PostgreSQL. */
@Command(
        name = "rollout",
        description = "Whole rollouts over VMs on paper, in turns with DBOS Transact doing six durable steps for each.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class RolloutBench implements Callable<Integer> {
    @Mixin
    private final BenchOptions options = new BenchOptions();

    @Option(names = "--vms", paramLabel = "N", defaultValue = "2000", description = "Per round (${DEFAULT-VALUE}).")
    private int vms = 2000;

    @Option(names = "--hosts", paramLabel = "N", defaultValue = "8", description = "Agents (${DEFAULT-VALUE}).")
    private int hosts = 8;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "256",
            description = "VMs, and workflows, at a time (${DEFAULT-VALUE}).")
    private int inFlight = 256;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "That count (${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "10",
            description = "Rounds before those (${DEFAULT-VALUE}).")
    private int warmUp = 10;

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        if (vms < 1 || hosts < 1 || inFlight < 1 || rounds < 1 || warmUp < 0) {
            throw options.usage("--vms, --hosts, --in-flight and --rounds are at least 1, --warm-up at least 0");
        }
        var report = new Report("rollout", Conditions.now());
        report.condition("vmsPerRound", vms)
                .condition("hosts", hosts)
                .condition("inFlight", inFlight)
                .condition("rounds", rounds + " after " + warmUp + " to warm up")
                .condition("node", "one, with its database and the agents on this machine, node and agents in one JVM");
        var ours = new EngineFigures();
        var theirs = new EngineFigures();
        try (var server = new BenchDatabase();
                var fleet = new PaperFleet(server, server.directory("node"), server.emptyUrl(), hosts);
                var dbos = new DbosEngine(server, server.emptyUrl())) {
            for (int round = -warmUp; round < rounds; round++) {
                boolean counts = round >= 0;
                String label = fleet.startVms(vms);
                fleet.upgrade(label, vms, inFlight, counts ? ours : new EngineFigures());
                dbos.run(vms, inFlight, counts ? theirs : new EngineFigures());
                options.tell("round " + (round + 1) + " of " + rounds);
            }
        }
        report.condition("loadAfter", Conditions.load());
        report.row("neurath rollout", ours.row());
        report.row("DBOS Transact, six steps", theirs.row());
        report.compare("upgradesPerSecond", "DBOS Transact", theirs.perSecond(), ours.perSecond());
        report.compare(
                "cpuMicrosPerUpgrade", "DBOS Transact", theirs.cpuMicrosPerUpgrade(), ours.cpuMicrosPerUpgrade());
        report.note(
                "Ours is from apply to the rollout's end: budget, orders and facts over the agents' link, projection and feed included.");
        report.note(
                "CPU is that of this JVM and of PostgreSQL together; ours includes the agents on paper. The compiler's part says how warm the JVM was.");
        options.print(report);
        return 0;
    }
}
