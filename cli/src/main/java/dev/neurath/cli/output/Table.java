package dev.neurath.cli.output;

import dev.neurath.cli.output.StyledLine.Style;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Columns as wide as their widest word, headed by their names. */
public final class Table {
    private final List<String> heads;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... heads) {
        this.heads = List.of(heads);
    }

    public Table row(String... cells) {
        if (cells.length != heads.size()) {
            throw new IllegalArgumentException(cells.length + " cells under " + heads.size() + " heads");
        }
        rows.add(Arrays.stream(cells).map(cell -> cell.isEmpty() ? "-" : cell).toList());
        return this;
    }

    public List<StyledLine> lines() {
        List<StyledLine> lines = new ArrayList<>();
        lines.add(line(heads, true));
        rows.forEach(row -> lines.add(line(row, false)));
        return lines;
    }

    private StyledLine line(List<String> cells, boolean head) {
        StyledLine line = new StyledLine();
        for (int column = 0; column < cells.size(); column++) {
            line.cell(
                    cells.get(column),
                    column == cells.size() - 1 ? 0 : width(column),
                    head ? Style.DIM : Words.style(cells.get(column)));
        }
        return line;
    }

    private int width(int column) {
        int widest = heads.get(column).length();
        for (List<String> row : rows) {
            widest = Math.max(widest, row.get(column).length());
        }
        return widest;
    }
}
