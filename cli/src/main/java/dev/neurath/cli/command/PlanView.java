package dev.neurath.cli.command;

import dev.neurath.cli.output.Documents;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.StyledLine.Style;
import dev.neurath.cli.output.Words;
import dev.neurath.proto.v1.Plan;
import dev.neurath.proto.v1.PlanResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A plan as an operator reads it: how many by which method, the waves, and why some are left out. */
final class PlanView {
    private PlanView() {}

    static List<StyledLine> lines(PlanResponse answer, boolean everySkip) {
        List<StyledLine> lines = lines(answer.getPlan(), everySkip);
        if (answer.hasExpectedPause()) {
            lines.add(StyledLine.of("  " + pause(answer.getExpectedPause())));
        }
        return lines;
    }

    private static String pause(PlanResponse.ExpectedPause pause) {
        return "expected pause %.1f ms, nine of ten between %.1f and %.1f, by the last hand-overs of %s"
                .formatted(
                        Documents.toMillis(pause.getMedian()),
                        Documents.toMillis(pause.getLow()),
                        Documents.toMillis(pause.getHigh()),
                        Words.count(pause.getMeasured(), "VM"));
    }

    static List<StyledLine> lines(Plan plan, boolean everySkip) {
        List<StyledLine> lines = new ArrayList<>();
        lines.add(new StyledLine()
                .add("Plan ")
                .add(plan.getId(), Style.BOLD)
                .add("  " + plan.getName() + "  release " + plan.getRelease() + "  fleet " + plan.getFleet()));
        List<Plan.Assignment> all = plan.getWavesList().stream()
                .flatMap(wave -> wave.getAssignmentsList().stream())
                .toList();
        Map<String, Long> methods =
                all.stream().collect(Collectors.groupingBy(PlanView::way, TreeMap::new, Collectors.counting()));
        lines.add(StyledLine.of("  " + hosts(all) + "  " + Words.count(all.size(), "VM") + "   hand-over "
                + (methods.isEmpty() ? "none" : counts(methods)) + "   skipped " + plan.getSkippedCount()));
        for (int i = 0; i < plan.getWavesCount(); i++) {
            lines.add(wave(i, plan.getWaves(i)));
        }
        if (plan.getSkippedCount() > 0) {
            Map<String, Long> reasons = plan.getSkippedList().stream()
                    .collect(Collectors.groupingBy(
                            skip -> skip.getRefusal().getCode(), TreeMap::new, Collectors.counting()));
            lines.add(new StyledLine()
                    .add("  Skipped (" + plan.getSkippedCount() + ")  ", Style.WARNING)
                    .add(counts(reasons)));
        }
        if (everySkip) {
            plan.getSkippedList().stream()
                    .sorted(Comparator.comparing(Plan.Skip::getVm))
                    .forEach(skip -> lines.add(StyledLine.of("    " + skip.getVm() + "  " + skip.getHost() + "  ")
                            .add(skip.getRefusal().getCode(), Style.WARNING)
                            .add(": " + skip.getRefusal().getSentence())));
        }
        return lines;
    }

    private static String way(Plan.Assignment vm) {
        String method = Words.method(vm.getMethod());
        if (vm.getFurtherHopsCount() == 0) {
            return method;
        }
        String over =
                vm.getFurtherHopsList().stream().map(Plan.Hop::getFromRelease).collect(Collectors.joining(", "));
        return "%s over %s".formatted(method, over);
    }

    private static String hosts(List<Plan.Assignment> assignments) {
        return Words.count(
                assignments.stream().map(Plan.Assignment::getHost).distinct().count(), "host");
    }

    private static String counts(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(" · "));
    }

    private static StyledLine wave(int index, Plan.Wave wave) {
        StyledLine line = StyledLine.of("  wave " + index + "  ")
                .cell(wave.getName(), 12, Style.BOLD)
                .add(hosts(wave.getAssignmentsList()) + "  " + Words.count(wave.getAssignmentsCount(), "VM"));
        double bakeMillis = Documents.toMillis(wave.getBake());
        if (bakeMillis > 0) {
            line.add("   bake " + Words.duration(Duration.ofMillis((long) bakeMillis)));
        }
        return wave.getManual() ? line.add("   promoted by hand", Style.WARNING) : line;
    }
}
