package dev.neurath.chaos.handover;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What became of one cell's guest, seen from outside.
 *
 * @param told the last event of the VM
 * @param gap the longest silence between two beats from the order to the end
 * @param beatsAfter beats counted after the attempt's end; of a guest that was paused, after its owner let it go on
 * @param problems everything that must not be, another fate than the table's among it; empty is what every cell has to end with
 */
public record InterferenceResult(
        InterferenceCell cell, Fate fate, String told, Optional<Duration> gap, long beatsAfter, List<String> problems) {
    private static final JsonMapper JSON = new JsonMapper();

    public InterferenceResult {
        problems = List.copyOf(problems);
    }

    private static String expected(InterferenceCell cell) {
        return cell.row().fates().stream().map(Fate::name).collect(Collectors.joining(" or "));
    }

    public static String text(List<InterferenceResult> results) {
        var out = new StringBuilder();
        out.append("%-16s %-25s %-13s %-22s %-18s %9s %s%n"
                .formatted("step", "by", "method", "expected", "outcome", "gap ms", "problems"));
        for (InterferenceResult result : results) {
            InterferenceCell cell = result.cell();
            out.append("%-16s %-25s %-13s %-22s %-18s %9s %s%n"
                    .formatted(
                            cell.step(),
                            cell.by(),
                            cell.methodLabel(),
                            expected(cell),
                            result.fate(),
                            result.gap()
                                    .map(gap -> Long.toString(gap.toMillis()))
                                    .orElse("-"),
                            String.join("; ", result.problems())));
        }
        return out.toString();
    }

    /** What can be tried, without a result. */
    public static String cells(List<InterferenceCell> cells) {
        var out = new StringBuilder();
        out.append("%-16s %-25s %-13s %-22s %s%n".formatted("step", "by", "method", "expected", "because"));
        for (InterferenceCell cell : cells) {
            out.append("%-16s %-25s %-13s %-22s %s%n"
                    .formatted(
                            cell.step(),
                            cell.by(),
                            cell.methodLabel(),
                            expected(cell),
                            cell.row().why()));
        }
        return out.toString();
    }

    public static ObjectNode json(InterferenceCell cell) {
        ObjectNode json = JSON.createObjectNode();
        json.put("step", cell.step().label());
        json.put("by", cell.by().label());
        json.put("method", cell.methodLabel());
        ArrayNode expected = json.putArray("expected");
        cell.row().fates().forEach(fate -> expected.add(fate.name()));
        json.put("why", cell.row().why());
        return json;
    }

    public ObjectNode json() {
        ObjectNode json = json(cell);
        json.put("outcome", fate.name());
        json.put("told", told);
        gap.map(Duration::toMillis)
                .ifPresentOrElse(millis -> json.put("gapMillis", millis), () -> json.putNull("gapMillis"));
        json.put("beatsAfter", beatsAfter);
        problems.forEach(json.putArray("problems")::add);
        return json;
    }
}
