package dev.neurath.testbed.guest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a cpio archive in the "newc" form, as the kernel unpacks an initramfs from (kernel documentation, "initramfs
 * buffer format"). Owners are root and times are zero, so that equal contents give equal bytes and no root is needed.
 */
final class CpioArchive {
    private static final int DIRECTORY = 0040755;
    private static final int PROGRAM = 0100755;
    private static final int CHARACTER_DEVICE = 0020600;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int inode;

    CpioArchive directory(String name) {
        return entry(name, DIRECTORY, new byte[0], 0, 0);
    }

    CpioArchive file(String name, byte[] content) {
        return entry(name, PROGRAM, content, 0, 0);
    }

    /** A node that nobody but root could make in a directory: in an archive it is but a line. */
    CpioArchive characterDevice(String name, int major, int minor) {
        return entry(name, CHARACTER_DEVICE, new byte[0], major, minor);
    }

    byte[] finish() {
        entry("TRAILER!!!", 0, new byte[0], 0, 0);
        return out.toByteArray();
    }

    private CpioArchive entry(String name, int mode, byte[] content, int major, int minor) {
        byte[] path = (name + "\0").getBytes(StandardCharsets.US_ASCII);
        // Magic, inode, mode, uid, gid, links, time, size, device of the file system (2), device (2), name's size, sum.
        String header = "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x"
                .formatted(++inode, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, path.length, 0);
        out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(path);
        pad();
        out.writeBytes(content);
        pad();
        return this;
    }

    private void pad() {
        while (out.size() % 4 != 0) {
            out.write(0);
        }
    }
}
