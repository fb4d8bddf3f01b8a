package dev.neurath.bench.rollout;

import dev.dbos.transact.DBOS;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.workflow.Workflow;
import dev.dbos.transact.workflow.WorkflowHandle;
import dev.neurath.bench.BenchDatabase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The baseline: DBOS Transact with a workflow of six durable steps that do nothing, as many at a time as the rollout has in flight. It keeps no budgets, hosts
 * or waves, sends nothing to anybody and shows no state of the fleet; ours does.
 */
final class DbosEngine implements AutoCloseable {
    private static final int STEPS = 6;

    private final BenchDatabase server;
    private final DBOS dbos;
    private final Upgrade upgrade;
    private int rounds;

    /** A workflow, as DBOS wants it. */
    public interface Upgrade {
        String run(String vm);
    }

    /** The six steps. */
    public static final class SixSteps implements Upgrade {
        private final DBOS dbos;

        SixSteps(DBOS dbos) {
            this.dbos = dbos;
        }

        @Override
        @Workflow(name = "upgrade")
        public String run(String vm) {
            for (int step = 1; step <= STEPS; step++) {
                String name = "step " + step;
                dbos.runStep(() -> name + " of " + vm, name);
            }
            return vm;
        }
    }

    DbosEngine(BenchDatabase server, String url) {
        this.server = server;
        // The driver takes the address apart; the engine makes its own pool of it.
        var address = new PGSimpleDataSource();
        address.setUrl(url);
        String plain = "jdbc:postgresql://" + address.getServerNames()[0] + ":" + address.getPortNumbers()[0] + "/"
                + address.getDatabaseName();
        this.dbos = new DBOS(DBOSConfig.defaults("bench")
                .withDatabaseUrl(plain)
                .withDbUser(address.getUser())
                .withDbPassword(address.getPassword()));
        this.upgrade = dbos.registerProxy(Upgrade.class, new SixSteps(dbos));
        dbos.launch();
    }

    void run(int workflows, int inFlight, EngineFigures figures) throws IOException, InterruptedException {
        String round = "round" + ++rounds;
        EngineFigures.Round measured = figures.begin(server);
        var results = new ArrayList<Future<?>>();
        try (ExecutorService callers = Executors.newFixedThreadPool(inFlight)) {
            for (int i = 0; i < workflows; i++) {
                String vm = round + "-" + i;
                results.add(callers.submit(() -> {
                    WorkflowHandle<String, RuntimeException> handle = dbos.startWorkflow(() -> upgrade.run(vm));
                    return handle.getResult();
                }));
            }
        }
        measured.end(workflows);
        check(results);
    }

    private static void check(List<Future<?>> results) throws IOException, InterruptedException {
        for (Future<?> result : results) {
            try {
                result.get();
            } catch (ExecutionException e) {
                throw new IOException("a workflow failed: " + e.getCause(), e);
            }
        }
    }

    @Override
    public void close() {
        dbos.shutdown();
    }
}
