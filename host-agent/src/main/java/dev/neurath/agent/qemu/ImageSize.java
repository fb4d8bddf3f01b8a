package dev.neurath.agent.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** How large the disk in an image is, read off the file itself; the image is neither locked nor opened by a QEMU. */
final class ImageSize {
    /** docs/interop/qcow2: magic, and the virtual size at byte 24. */
    private static final int QCOW2_MAGIC = 0x514649fb;

    private static final int QCOW2_HEADER_BYTES = 32;

    private ImageSize() {}

    /** @param format as on the command line; what only reads a file (file, host_device) is raw */
    static long of(Path image, String format) throws IOException {
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
            if (!format.equals("qcow2")) {
                if (!format.equals("raw") && !format.equals("file") && !format.equals("host_device")) {
                    throw new ThrowAwayArgv.NotPossible(
                            "the size of a disk in format %s is not known".formatted(format));
                }
                return channel.size();
            }
            byte[] bytes = Channels.newInputStream(channel).readNBytes(QCOW2_HEADER_BYTES);
            ByteBuffer header = ByteBuffer.wrap(bytes);
            if (bytes.length < QCOW2_HEADER_BYTES || header.getInt(0) != QCOW2_MAGIC) {
                throw new ThrowAwayArgv.NotPossible(image + " is no qcow2 image");
            }
            return header.getLong(24);
        }
    }
}
