package dev.neurath.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a benchmark has measured: the conditions, one row per contestant, and ours beside its baseline. Names are written once, as in JSON
 * ({@code pauseMillisP50}); a table heads its columns with the same words. It judges nothing.
 */
public final class Report {
    private static final String MEASURED = "measured";

    private final String bench;
    private final Map<String, String> conditions = new LinkedHashMap<>();
    private final Map<String, List<Row>> tables = new LinkedHashMap<>(Map.of(MEASURED, new ArrayList<>()));
    private final List<Comparison> comparisons = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private record Row(String name, Map<String, Double> values) {}

    private record Comparison(String what, String against, double baseline, double ours) {
        /** Null where the baseline is too small to be told from nothing. */
        @Nullable
        Double ratio() {
            return baseline == 0 ? null : Double.valueOf(ours / baseline);
        }
    }

    public Report(String bench, Conditions conditions) {
        this.bench = bench;
        this.conditions.putAll(conditions.asMap());
    }

    public Report condition(String name, Object value) {
        conditions.put(name, String.valueOf(value));
        return this;
    }

    public void row(String name, Map<String, Double> values) {
        row(MEASURED, name, values);
    }

    /** @param table which the row is in: rows of one table have the same columns; it names the list in JSON, and heads the first column */
    public void row(String table, String name, Map<String, Double> values) {
        tables.computeIfAbsent(table, fresh -> new ArrayList<>()).add(new Row(name, new LinkedHashMap<>(values)));
    }

    /** @param what with its unit: {@code pauseMillisP50} */
    public void compare(String what, String against, double baseline, double ours) {
        comparisons.add(new Comparison(what, against, baseline, ours));
    }

    /** What a reader of the figures has to know. */
    public void note(String sentence) {
        notes.add(sentence);
    }

    public ObjectNode json() {
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("bench", bench);
        ObjectNode given = document.putObject("conditions");
        conditions.forEach(given::put);
        tables.forEach((table, rows) -> {
            var measured = document.putArray(table);
            for (Row row : rows) {
                ObjectNode one = measured.addObject().put("name", row.name());
                row.values().forEach((key, value) -> one.put(key, rounded(value)));
            }
        });
        var compared = document.putArray("compared");
        for (Comparison comparison : comparisons) {
            compared.addObject()
                    .put("what", comparison.what())
                    .put("against", comparison.against())
                    .put("baseline", rounded(comparison.baseline()))
                    .put("ours", rounded(comparison.ours()))
                    .put("ratio", roundedRatio(comparison));
        }
        notes.forEach(document.putArray("notes")::add);
        return document;
    }

    public List<String> lines() {
        var lines = new ArrayList<String>();
        lines.add(bench + ", measured here and now:");
        conditions.forEach((name, value) -> lines.add("  " + name + ": " + value));
        tables.forEach((name, rows) -> add(lines, table(name, rows)));
        var compared = new Table("COMPARED", "AGAINST", "BASELINE", "OURS", "RATIO");
        for (Comparison comparison : comparisons) {
            compared.row(
                    words(comparison.what()),
                    comparison.against(),
                    shown(comparison.baseline()),
                    shown(comparison.ours()),
                    shown(comparison.ratio()));
        }
        add(lines, compared);
        if (!notes.isEmpty()) {
            lines.add("");
            notes.forEach(note -> lines.add("* " + note));
        }
        return lines;
    }

    private static Table table(String name, List<Row> rows) {
        List<String> heads = rows.stream()
                .flatMap(row -> row.values().keySet().stream())
                .distinct()
                .toList();
        var table = new Table(heads(heads, words(name).toUpperCase(Locale.ROOT)));
        for (Row row : rows) {
            var cells = new ArrayList<>(List.of(row.name()));
            heads.forEach(head -> cells.add(shown(row.values().get(head))));
            table.row(cells.toArray(String[]::new));
        }
        return table;
    }

    private static void add(List<String> lines, Table table) {
        lines.add("");
        table.lines().stream().map(Report::plain).forEach(lines::add);
    }

    private static String plain(StyledLine line) {
        return line.render(Integer.MAX_VALUE, false).stripTrailing();
    }

    private static String[] heads(List<String> names, String first) {
        var heads = new ArrayList<>(List.of(first));
        names.forEach(name -> heads.add(words(name).toUpperCase(Locale.ROOT)));
        return heads.toArray(String[]::new);
    }

    /** {@code pauseMillisP50}: pause millis p50. */
    static String words(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    /** Three significant digits, and whole numbers whole: more would promise what no such machine keeps. */
    public static String shown(@Nullable Double value) {
        if (value == null) {
            return "";
        }
        if (Math.abs(value) >= 100 || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return String.format(
                Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : Math.abs(value) >= 1 ? "%.2f" : "%.3f", value);
    }

    private static @Nullable Double roundedRatio(Comparison comparison) {
        Double ratio = comparison.ratio();
        return ratio == null ? null : Double.valueOf(rounded(ratio));
    }

    private static double rounded(double value) {
        return Math.round(value * 1e6) / 1e6;
    }
}
