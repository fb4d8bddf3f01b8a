package dev.neurath.cli.output;

import java.util.ArrayList;
import java.util.List;

/** A line of words with colours, cut to a width by what a reader sees, not by escape sequences. */
public final class StyledLine {
    /** Colour carries no meaning alone: the word beside it says the same. */
    public enum Style {
        PLAIN(""),
        BOLD("\u001b[1m"),
        DIM("\u001b[2m"),
        GOOD("\u001b[32m"),
        BUSY("\u001b[36m"),
        WARNING("\u001b[33m"),
        BAD("\u001b[31m");

        private final String escape;

        Style(String escape) {
            this.escape = escape;
        }
    }

    private record Span(String text, Style style) {}

    private final List<Span> spans = new ArrayList<>();

    public static StyledLine of(String text) {
        return new StyledLine().add(text);
    }

    public StyledLine add(String text) {
        return add(text, Style.PLAIN);
    }

    public StyledLine add(String text, Style style) {
        // One line stays one line, whatever a guest or a QEMU put into a sentence.
        spans.add(new Span(text.replaceAll("\\p{Cntrl}", " "), style));
        return this;
    }

    /** At least {@code width} wide, and two spaces to the next. */
    public StyledLine cell(String text, int width, Style style) {
        return add(text, style).add(" ".repeat(Math.max(0, width - text.length()) + 2));
    }

    public String render(int width, boolean color) {
        StringBuilder line = new StringBuilder();
        int left = length() <= width ? width : width - 1;
        for (Span span : spans) {
            String text = span.text.length() <= left ? span.text : span.text.substring(0, Math.max(0, left));
            left -= text.length();
            boolean styled = color && span.style != Style.PLAIN && !text.isEmpty();
            line.append(styled ? span.style.escape : "").append(text).append(styled ? "\u001b[0m" : "");
        }
        if (length() > width) {
            line.append('…');
        }
        return color ? line.toString() : line.toString().stripTrailing();
    }

    private int length() {
        int last = spans.size();
        int length = 0;
        for (int i = 0; i < last; i++) {
            length += spans.get(i).text.length();
        }
        // Padding behind the last word is not worth an ellipsis.
        for (int i = last - 1; i >= 0 && spans.get(i).text.isBlank(); i--) {
            length -= spans.get(i).text.length();
        }
        return length;
    }
}
