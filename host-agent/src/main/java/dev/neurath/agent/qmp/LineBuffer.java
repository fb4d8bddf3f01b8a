package dev.neurath.agent.qmp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** Cuts a byte stream into lines; holds at most one incomplete line, and never more than its bound. */
final class LineBuffer {
    private static final int INITIAL_BYTES = 4096;

    private final int bound;
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;

    LineBuffer(int bound) {
        this.bound = bound;
    }

    /** Takes all bytes and hands out every completed line without its end; false when a line exceeds the bound. */
    boolean append(ByteBuffer chunk, Consumer<byte[]> line) {
        while (chunk.hasRemaining()) {
            byte next = chunk.get();
            if (next == '\n') {
                line.accept(Arrays.copyOf(bytes, length));
                length = 0;
                if (bytes.length > INITIAL_BYTES << 4) {
                    bytes = new byte[INITIAL_BYTES];
                }
                continue;
            }
            if (length == bound) {
                return false;
            }
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(bound, bytes.length * 2));
            }
            bytes[length++] = next;
        }
        return true;
    }
}
