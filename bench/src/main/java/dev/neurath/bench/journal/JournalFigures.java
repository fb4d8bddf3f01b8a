package dev.neurath.bench.journal;

import dev.neurath.bench.Samples;
import java.util.LinkedHashMap;
import java.util.Map;

/** Of one contestant, over all rounds that count. */
final class JournalFigures {
    private final Samples rates = new Samples();
    private final Samples latencies = new Samples();
    private final Samples cpu = new Samples();

    /** @param micros of each append, from asked to durable */
    void round(int events, double millis, Samples micros, double cpuMillis) {
        rates.add(events * 1000.0 / millis);
        latencies.addAll(micros);
        cpu.add(cpuMillis * 1000 / events);
    }

    double eventsPerSecond() {
        return rates.median();
    }

    double microsPerEvent() {
        return 1e6 / eventsPerSecond();
    }

    double cpuMicrosPerEvent() {
        return cpu.median();
    }

    double latencyMillisP50() {
        return latencies.median() / 1000;
    }

    Map<String, Double> row() {
        var row = new LinkedHashMap<String, Double>();
        row.put("eventsPerSecond", eventsPerSecond());
        row.put("latencyMillisP50", latencyMillisP50());
        row.put("latencyMillisP99", latencies.percentile(99) / 1000);
        row.put("cpuMicrosPerEvent", cpuMicrosPerEvent());
        return row;
    }
}
