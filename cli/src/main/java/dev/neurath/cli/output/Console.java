package dev.neurath.cli.output;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Where a command prints: data on {@code out}, talk on {@code err}; each knows whether a human looks at it. */
public record Console(
        PrintStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal, boolean color, ZoneId zone) {

    /** Columns and rows of a window. */
    public record Size(int columns, int rows) {
        public static final Size UNLIMITED = new Size(Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    private static final Size USUAL = new Size(100, 30);

    public static Console ofProcess(Map<String, String> environment) {
        boolean out = isTerminal(1);
        boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty() || "dumb".equals(environment.get("TERM"));
        return new Console(
                new PrintStream(System.out, true, StandardCharsets.UTF_8),
                new PrintStream(System.err, true, StandardCharsets.UTF_8),
                out,
                isTerminal(2),
                out && !plain,
                ZoneId.systemDefault());
    }

    /** What talks to a human on a terminal only: the next command, the view that repaints itself. */
    public void suggest(String line) {
        if (errIsTerminal) {
            err.println(line);
        }
    }

    /** Asked anew for each frame, so that a resized window is respected. */
    public Size size() {
        if (!outIsTerminal) {
            return Size.UNLIMITED;
        }
        String answer = sttySize();
        if (answer == null || !answer.matches("[1-9][0-9]{0,4} [1-9][0-9]{0,4}")) {
            return USUAL;
        }
        String[] rowsAndColumns = answer.split(" ");
        return new Size(Integer.parseInt(rowsAndColumns[1]), Integer.parseInt(rowsAndColumns[0]));
    }

    private @Nullable String sttySize() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            return stty.waitFor(1, TimeUnit.SECONDS) ? answer : null;
        } catch (IOException noStty) {
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static boolean isTerminal(int descriptor) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }
}
