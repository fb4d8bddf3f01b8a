package dev.neurath.persistence.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Why something about the embedded database failed, in words for whoever started the node. */
final class Reasons {
    private static final int SHOWN_LINES = 8;
    private static final String DISK_FULL = "No space left on device";

    private Reasons() {}

    static String of(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains(DISK_FULL) ? "the disk is full (" + message + ")" : message;
    }

    /** The end of what a program wrote, led by the plain word for it when the disk is full. */
    static String fromOutput(Path log) {
        String text;
        try {
            text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "its output in " + log + " cannot be read: " + of(e);
        }
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        String end = String.join("\n  ", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
        return (text.contains(DISK_FULL) ? "the disk is full\n  " : "it said\n  ") + end;
    }
}
