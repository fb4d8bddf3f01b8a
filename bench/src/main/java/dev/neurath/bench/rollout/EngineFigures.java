package dev.neurath.bench.rollout;

import dev.neurath.bench.Samples;
import java.util.LinkedHashMap;
import java.util.Map;

/** Of one engine, over all rounds that count. */
final class EngineFigures {
    private final Samples rates = new Samples();
    private final Samples cpu = new Samples();

    void round(int upgrades, double millis, double cpuMillis) {
        rates.add(upgrades * 1000.0 / millis);
        cpu.add(cpuMillis * 1000 / upgrades);
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
        return row;
    }
}
