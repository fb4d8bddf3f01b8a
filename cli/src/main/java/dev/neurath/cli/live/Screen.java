package dev.neurath.cli.live;

import dev.neurath.cli.output.Console;
import dev.neurath.cli.output.StyledLine;
import java.util.List;

/** A block of lines at the bottom of a terminal that is painted over in place; it never grows beyond the window. */
public final class Screen {
    private static final String CLEAR_BELOW = "\r\u001b[J";

    private final Console console;
    private int painted;

    public Screen(Console console) {
        this.console = console;
    }

    /** The lines must fit the window, with one row left for the cursor. */
    public void paint(List<StyledLine> lines, int columns) {
        StringBuilder frame = new StringBuilder();
        if (painted > 0) {
            frame.append("\u001b[" + painted + "A");
        }
        frame.append(CLEAR_BELOW);
        // A line that fills the last column would wrap on some terminals.
        lines.forEach(
                line -> frame.append(line.render(columns - 1, console.color())).append('\n'));
        console.out().print(frame);
        console.out().flush();
        painted = lines.size();
    }
}
