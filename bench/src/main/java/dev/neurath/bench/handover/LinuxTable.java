package dev.neurath.bench.handover;

import dev.neurath.bench.Report;
import dev.neurath.bench.Samples;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What was measured with the Linux guest: in sum beside the guest left alone and the one migrated live, and hand-over by hand-over. */
final class LinuxTable {
    private static final String SUM = "linuxGuest";
    private static final String EACH = "linuxGuestByHandOver";
    private static final String ALONE = "Linux guest left alone";
    private static final String LIVE = "live migration, Linux guest";

    private final List<LinuxFigures> ours = new ArrayList<>();
    private final List<LinuxFigures> live = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private boolean pinged = true;

    void ours(LinuxFigures figures) {
        ours.add(figures);
    }

    void live(LinuxFigures figures) {
        live.add(figures);
    }

    void noTap(String why) {
        pinged = false;
        notes.add("Linux guest: no pings are sent, since no tap device can be made here (%s).".formatted(why));
    }

    void refused(String why) {
        notes.add("Linux guest: after %d hand-overs: %s. Not every pair of versions takes virtio devices over."
                .formatted(ours.size(), why));
    }

    void into(Report report) {
        notes.forEach(report::note);
        if (ours.isEmpty()) {
            return;
        }
        report.row(SUM, ALONE, row(List.of(), of(ours, LinuxFigures::alone)));
        report.row(SUM, "agent, Linux guest", row(ours, of(ours, LinuxFigures::moved)));
        compare(report, ALONE, of(ours, LinuxFigures::alone));
        if (!live.isEmpty()) {
            report.row(SUM, LIVE, row(live, of(live, LinuxFigures::moved)));
            report.compare(
                    "pauseMillisP50", LIVE, pauses(live).median(), pauses(ours).median());
            compare(report, LIVE, of(live, LinuxFigures::moved));
        }
        for (int i = 0; i < ours.size(); i++) {
            report.row(EACH, "agent, Linux guest %d".formatted(i + 1), one(ours.get(i)));
        }
        explain(report);
    }

    private void explain(Report report) {
        report.note(
                "Linux guest: 128 MiB, 1 vCPU, virtio disk and NIC, adopted, a fresh one each time. Seen from the order until it has written three more lines"
                        + " on its console; then left alone for as long. Lines, some ten a second, are stamped from outside to 1 ms: its own clock"
                        + " stands when it stands.");
        if (pinged) {
            report.note(
                    "Linux guest: pings are ICMP echo requests every %d ms over its tap device; lost is what has no answer within %d s. Silence is the longest"
                                    .formatted(Pings.PERIOD.toMillis(), Pings.PATIENCE.toSeconds())
                            + " time between two answers: what waits in the tap's queue meanwhile is answered late and not lost.");
            report.note(
                    "Linux guest: its longest silence is above that of the same guest left alone by %s ms (median); the agent's figure, STOP to RESUME, is %s ms (median)."
                            .formatted(
                                    Report.shown(silences(of(ours, LinuxFigures::moved))
                                            .medianAbove(silences(of(ours, LinuxFigures::alone)))),
                                    Report.shown(pauses(ours).median())));
        }
        if (!live.isEmpty()) {
            report.note(
                    "Linux guest: a live migration's pings go out on the tap devices of both QEMUs, as from a switch that does not know yet where the guest is:"
                            + " real ones lose more. A bare client cannot pass a tap device on, so there is no such baseline.");
        }
    }

    private void compare(Report report, String against, List<LinuxFigures.Stretch> baseline) {
        List<LinuxFigures.Stretch> moved = of(ours, LinuxFigures::moved);
        report.compare(
                "linesGapMillisP50",
                against,
                gaps(baseline).median(),
                gaps(moved).median());
        if (pinged) {
            report.compare(
                    "silenceMillisP50",
                    against,
                    silences(baseline).median(),
                    silences(moved).median());
            report.compare("pingsLostPercent", against, lostPercent(baseline), lostPercent(moved));
        }
    }

    private Map<String, Double> row(List<LinuxFigures> moved, List<LinuxFigures.Stretch> stretches) {
        var row = new LinkedHashMap<String, Double>();
        row.put("runs", (double) stretches.size());
        if (!moved.isEmpty()) {
            row.put("pauseMillisP50", pauses(moved).median());
            row.put("pauseMillisMax", pauses(moved).max());
        }
        row.put("linesGapMillisP50", gaps(stretches).median());
        row.put("linesGapMillisMax", gaps(stretches).max());
        if (pinged) {
            row.put("pingsSent", sum(stretches, LinuxFigures.Stretch::sent));
            row.put("pingsLost", sum(stretches, LinuxFigures.Stretch::lost));
            row.put("silenceMillisP50", silences(stretches).median());
            row.put("silenceMillisMax", silences(stretches).max());
        }
        return row;
    }

    private Map<String, Double> one(LinuxFigures figures) {
        var row = new LinkedHashMap<String, Double>();
        row.put("pauseMillis", figures.pauseMillis());
        row.put("linesGapMillis", figures.moved().linesGapMillis());
        row.put("aloneLinesGapMillis", figures.alone().linesGapMillis());
        if (pinged) {
            row.put("pingsSent", figures.moved().sent());
            row.put("pingsLost", figures.moved().lost());
            row.put("silenceMillis", figures.moved().silenceMillis());
            row.put("alonePingsLost", figures.alone().lost());
            row.put("aloneSilenceMillis", figures.alone().silenceMillis());
        }
        return row;
    }

    private static double lostPercent(List<LinuxFigures.Stretch> stretches) {
        return 100 * sum(stretches, LinuxFigures.Stretch::lost) / sum(stretches, LinuxFigures.Stretch::sent);
    }

    private static double sum(List<LinuxFigures.Stretch> stretches, ToDoubleFunction<LinuxFigures.Stretch> figure) {
        return stretches.stream().mapToDouble(figure).sum();
    }

    private static List<LinuxFigures.Stretch> of(
            List<LinuxFigures> figures, Function<LinuxFigures, LinuxFigures.Stretch> which) {
        return figures.stream().map(which).toList();
    }

    private static Samples pauses(List<LinuxFigures> figures) {
        return Samples.of(
                figures.stream().mapToDouble(LinuxFigures::pauseMillis).toArray());
    }

    private static Samples gaps(List<LinuxFigures.Stretch> stretches) {
        return Samples.of(stretches.stream()
                .mapToDouble(LinuxFigures.Stretch::linesGapMillis)
                .toArray());
    }

    private static Samples silences(List<LinuxFigures.Stretch> stretches) {
        return Samples.of(stretches.stream()
                .mapToDouble(LinuxFigures.Stretch::silenceMillis)
                .toArray());
    }
}
