package dev.neurath.agent.qemu;

import dev.neurath.agent.os.Linux;
import dev.neurath.agent.os.OsFailure;
import dev.neurath.agent.process.MemoryMap.FileIdentity;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A guest's RAM: a private file on tmpfs or hugetlbfs with all its space taken beforehand.
 *
 * <p>QEMU maps it with share=on; had it holes, a full file system would end the guest with SIGBUS at some later write. It is
 * never unlinked here on a guess: {@link #delete} is for the caller who knows that nobody maps it.
 */
public record RamFile(Path path, long bytes) {
    /** The file system has no room for this guest beside what it holds already. */
    public static final class TooSmall extends IOException {
        TooSmall(String sentence) {
            super(sentence);
        }
    }

    /** Not a file system in memory, or the file exists already. */
    public static RamFile create(Path path, long bytes) throws IOException {
        Path directory = path.getParent();
        if (directory == null || !inMemory(directory)) {
            throw new IOException("RAM must lie on tmpfs or hugetlbfs, and " + path + " does not");
        }
        FileStore store = Files.getFileStore(directory);
        if (store.getUsableSpace() < bytes) {
            throw new TooSmall(tooSmall(directory, bytes, store.getUsableSpace()));
        }
        Files.createFile(
                path,
                java.nio.file.attribute.PosixFilePermissions.asFileAttribute(
                        java.nio.file.attribute.PosixFilePermissions.fromString("rw-------")));
        int fd = Linux.openReadWrite(path, 0600);
        try {
            // Files already there may still have holes, so only the allocation itself decides.
            Linux.allocate(fd, bytes);
            return new RamFile(path, bytes);
        } catch (OsFailure e) {
            Files.delete(path);
            if (e.errno() == OsFailure.ENOSPC) {
                throw new TooSmall(tooSmall(directory, bytes, store.getUsableSpace()));
            }
            throw e;
        } finally {
            Linux.close(fd);
        }
    }

    public FileIdentity identity() throws IOException {
        return FileIdentity.of(path);
    }

    public void delete() throws IOException {
        Files.deleteIfExists(path);
    }

    private static String tooSmall(Path directory, long bytes, long usable) {
        return directory + " has " + (usable >> 20) + " MiB left and the guest needs " + (bytes >> 20) + " MiB";
    }

    private static boolean inMemory(Path directory) throws IOException {
        String type = Files.getFileStore(directory).type();
        return type.equals("tmpfs") || type.equals("hugetlbfs");
    }
}
