package dev.neurath.agent.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** What a QEMU printed, as the tail of a sentence. */
public final class QemuOutput {
    private static final int MOST = 400;

    private QemuOutput() {}

    /** @return what it complained of, without what it only warned of; empty if nothing */
    public static String complaint(Path output) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(output);
        } catch (NoSuchFileException e) {
            return "";
        }
        String text = new String(bytes, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.contains("warning:") && !line.isBlank())
                .map(line -> line.replaceFirst("^[^ ]*qemu-system-[^ ]*: ", ""))
                .collect(Collectors.joining("; "));
        return text.length() > MOST ? text.substring(0, MOST) : text;
    }
}
