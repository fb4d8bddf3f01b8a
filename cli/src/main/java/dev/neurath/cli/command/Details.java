package dev.neurath.cli.command;

import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.StyledLine.Style;
import dev.neurath.cli.output.Words;
import java.util.ArrayList;
import java.util.List;

/** One thing, a fact per line; what is unknown has no line. */
final class Details {
    private static final int HEAD = 14;

    private final List<StyledLine> lines = new ArrayList<>();

    Details line(String head, String value) {
        if (!value.isEmpty()) {
            lines.add(new StyledLine().cell(head, HEAD, Style.DIM).add(value, Words.style(value)));
        }
        return this;
    }

    List<StyledLine> lines() {
        return lines;
    }
}
