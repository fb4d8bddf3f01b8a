package dev.neurath.agent.qemu;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** What a QEMU printed, as the tail of a sentence. */
public final class QemuOutput {
    private static final int MOST = 400;
    /** What it said last. A QEMU may print as much as it likes, and its guest may stand still while this is read. */
    private static final int MOST_BYTES = 16 << 10;

    private QemuOutput() {}

    /** @return what it complained of, without what it only warned of; empty if nothing */
    public static String complaint(Path output) throws IOException {
        byte[] bytes;
        try (SeekableByteChannel file = Files.newByteChannel(output)) {
            file.position(Math.max(0, file.size() - MOST_BYTES));
            bytes = Channels.newInputStream(file).readNBytes(MOST_BYTES);
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
