package dev.neurath.bench.rollout;

import dev.neurath.bench.BenchDatabase;
import dev.neurath.bench.Samples;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/** Of one engine, over all rounds that count. */
final class EngineFigures {
    private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

    private final Samples rates = new Samples();
    private final Samples cpu = new Samples();
    private final Samples compiling = new Samples();

    /** One of them, from now on. */
    Round begin(BenchDatabase server) throws IOException {
        return new Round(server);
    }

    /** What a round began with. */
    final class Round {
        private final BenchDatabase server;
        private final double cpuMillis;
        private final long compilingMillis;
        private final long nanos;

        private Round(BenchDatabase server) throws IOException {
            this.server = server;
            this.cpuMillis = server.cpuMillis();
            this.compilingMillis = COMPILER.getTotalCompilationTime();
            // Last: what was done to learn the others is not part of the round.
            this.nanos = System.nanoTime();
        }

        void end(int upgrades) throws IOException {
            double millis = (System.nanoTime() - nanos) / 1e6;
            rates.add(upgrades * 1000.0 / millis);
            cpu.add((server.cpuMillis() - cpuMillis) * 1000 / upgrades);
            compiling.add((COMPILER.getTotalCompilationTime() - compilingMillis) * 1000.0 / upgrades);
        }
    }

    double perSecond() {
        return rates.median();
    }

    double cpuMicrosPerUpgrade() {
        return cpu.median();
    }

    Map<String, Double> row() {
        var row = new LinkedHashMap<String, Double>();
        row.put("upgradesPerSecond", perSecond());
        row.put("upgradesPerSecondMax", rates.max());
        row.put("cpuMicrosPerUpgrade", cpuMicrosPerUpgrade());
        row.put("compilerMicrosPerUpgrade", compiling.median());
        return row;
    }
}
