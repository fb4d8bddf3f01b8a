package dev.neurath.chaos.handover;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;

/** The crash table as text and as JSON. */
public final class CrashTable {
    private static final JsonMapper JSON = new JsonMapper();

    private CrashTable() {}

    public static String text(List<CrashResult> results) {
        var out = new StringBuilder();
        out.append("%-16s %-12s %-13s %-10s %-10s %9s %s%n"
                .formatted("step", "victim", "method", "outcome", "owner", "gap ms", "problems"));
        for (CrashResult result : results) {
            CrashCell cell = result.cell();
            out.append("%-16s %-12s %-13s %-10s %-10s %9s %s%n"
                    .formatted(
                            cell.step(),
                            cell.victims(),
                            cell.methodLabel(),
                            result.end(),
                            cell.step().owner(),
                            result.gap()
                                    .map(gap -> Long.toString(gap.toMillis()))
                                    .orElse("-"),
                            String.join("; ", result.problems())));
        }
        return out.toString();
    }

    /** What can be tried, without a result. */
    public static String cells(List<CrashCell> cells) {
        var out = new StringBuilder();
        out.append("%-16s %-12s %-13s %-10s %s%n".formatted("step", "victim", "method", "owner", "may be lost"));
        for (CrashCell cell : cells) {
            out.append("%-16s %-12s %-13s %-10s %s%n"
                    .formatted(
                            cell.step(),
                            cell.victims(),
                            cell.methodLabel(),
                            cell.step().owner(),
                            cell.mayEndLost() ? "yes" : "no"));
        }
        return out.toString();
    }

    public static ObjectNode json(CrashCell cell) {
        ObjectNode json = JSON.createObjectNode();
        json.put("step", cell.step().label());
        json.put("victim", cell.victims());
        json.put("method", cell.methodLabel());
        json.put("owner", cell.step().owner().name());
        json.put("mayEndLost", cell.mayEndLost());
        return json;
    }

    public static ObjectNode json(CrashResult result) {
        ObjectNode json = json(result.cell());
        json.put("outcome", result.end().name());
        json.put("told", result.told());
        result.gap()
                .map(Duration::toMillis)
                .ifPresentOrElse(gap -> json.put("gapMillis", gap), () -> json.putNull("gapMillis"));
        json.put("beatsAfter", result.beatsAfter());
        result.problems().forEach(json.putArray("problems")::add);
        return json;
    }
}
