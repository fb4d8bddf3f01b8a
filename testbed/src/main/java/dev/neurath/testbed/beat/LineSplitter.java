package dev.neurath.testbed.beat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts lines together from bytes as they come: a line may be written half by the old QEMU and half by the new one. Both
 * ends of a line are LF or CR LF.
 */
final class LineSplitter {
    // Longer than any line of a guest; what has no end by then is not text.
    private static final int LONGEST = 4096;

    private final byte[] rest = new byte[LONGEST];
    private int length;

    List<String> accept(ByteBuffer bytes) {
        List<String> lines = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next == '\n' || length == LONGEST) {
                int end = length > 0 && rest[length - 1] == '\r' ? length - 1 : length;
                lines.add(new String(rest, 0, end, StandardCharsets.ISO_8859_1));
                length = 0;
            }
            if (next != '\n') {
                rest[length++] = next;
            }
        }
        return lines;
    }
}
