package dev.neurath.bench.handover;

import dev.neurath.bench.Report;
import dev.neurath.bench.Samples;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What was measured at one size of RAM, contestant by contestant. */
final class HandOverTable {
    private static final String PARTS = "theTimeGoesTo";

    private final String ram;
    private final List<HandOverFigures> bare = new ArrayList<>();
    private final List<HandOverFigures> ours = new ArrayList<>();
    private final List<HandOverFigures> live = new ArrayList<>();
    private final List<HandOverFigures> bareCold = new ArrayList<>();
    private final List<HandOverFigures> oursCold = new ArrayList<>();

    HandOverTable(String ram) {
        this.ram = ram;
    }

    void pair(HandOverFigures bare, HandOverFigures ours) {
        this.bare.add(bare);
        this.ours.add(ours);
    }

    /** One that does not count: the JVM is still compiling. */
    void warmUpPair(HandOverFigures bare, HandOverFigures ours) {
        bareCold.add(bare);
        oursCold.add(ours);
    }

    void live(HandOverFigures figures) {
        live.add(figures);
    }

    void into(Report report) {
        report.row("bare QMP client, " + ram, row(bare));
        report.row("agent, " + ram, row(ours));
        report.row(PARTS, "bare QMP client, " + ram, parts(bare));
        report.row(PARTS, "agent, " + ram, parts(ours));
        compare(report, "pauseMillisP50", "bare QMP client", bare, HandOverFigures::pauseMillis);
        compare(report, "gapMillisP50", "bare QMP client", bare, HandOverFigures::gapMillis);
        compare(report, "totalMillisP50", "bare QMP client", bare, HandOverFigures::totalMillis);
        compare(report, "oldGoneMillisP50", "bare QMP client", bare, HandOverFigures::oldGoneMillis);
        report.note("%s: in the same pair the agent's pause is above the bare client's by %s ms (median)."
                .formatted(ram, above(bare, ours)));
        if (!oursCold.isEmpty()) {
            report.note("%s: in the %d pairs before those, which do not count, by %s ms."
                    .formatted(ram, oursCold.size(), above(bareCold, oursCold)));
        }
        if (!live.isEmpty()) {
            report.row("live migration, " + ram, row(live));
            report.row(PARTS, "live migration, " + ram, parts(live));
            compare(report, "pauseMillisP50", "live migration", live, HandOverFigures::pauseMillis);
            compare(report, "totalMillisP50", "live migration", live, HandOverFigures::totalMillis);
            compare(report, "oldGoneMillisP50", "live migration", live, HandOverFigures::oldGoneMillis);
            compare(report, "extraMemoryMibP50", "live migration", live, HandOverFigures::extraMemoryMiB);
            report.compare(
                    "extraCpuMillisMean",
                    "live migration, " + ram,
                    samples(live, HandOverFigures::extraCpuMillis).mean(),
                    samples(ours, HandOverFigures::extraCpuMillis).mean());
        }
    }

    private static String above(List<HandOverFigures> bare, List<HandOverFigures> ours) {
        return Report.shown(
                samples(ours, HandOverFigures::pauseMillis).medianAbove(samples(bare, HandOverFigures::pauseMillis)));
    }

    private void compare(
            Report report,
            String what,
            String against,
            List<HandOverFigures> baseline,
            ToDoubleFunction<HandOverFigures> figure) {
        report.compare(
                what,
                against + ", " + ram,
                samples(baseline, figure).median(),
                samples(ours, figure).median());
    }

    private static Map<String, Double> row(List<HandOverFigures> figures) {
        Samples pauses = samples(figures, HandOverFigures::pauseMillis);
        Samples gaps = samples(figures, HandOverFigures::gapMillis);
        var row = new LinkedHashMap<String, Double>();
        row.put("runs", (double) figures.size());
        row.put("pauseMillisP50", pauses.median());
        row.put("pauseMillisP90", pauses.percentile(90));
        row.put("pauseMillisMax", pauses.max());
        row.put("gapMillisP50", gaps.median());
        row.put("gapMillisMax", gaps.max());
        row.put("totalMillisP50", samples(figures, HandOverFigures::totalMillis).median());
        row.put(
                "oldGoneMillisP50",
                samples(figures, HandOverFigures::oldGoneMillis).median());
        row.put(
                "extraMemoryMibP50",
                samples(figures, HandOverFigures::extraMemoryMiB).median());
        row.put(
                "extraCpuMillisMean",
                samples(figures, HandOverFigures::extraCpuMillis).mean());
        return row;
    }

    private static Map<String, Double> parts(List<HandOverFigures> figures) {
        var row = new LinkedHashMap<String, Double>();
        for (Part part : Part.values()) {
            row.put(
                    part.column(),
                    samples(figures, one -> one.partMillis().getOrDefault(part, 0.0))
                            .median());
        }
        return row;
    }

    private static Samples samples(List<HandOverFigures> figures, ToDoubleFunction<HandOverFigures> figure) {
        return Samples.of(figures.stream().mapToDouble(figure).toArray());
    }
}
