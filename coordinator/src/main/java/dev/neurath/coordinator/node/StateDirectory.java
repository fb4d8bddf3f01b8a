package dev.neurath.coordinator.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's own directory: locked by one node at a time, and the place where others on this machine read its addresses.
 *
 * <p>The lock is the kernel's and goes with the process, so a killed node leaves none behind; its node.json stays, and its pid and start time say
 * that nobody answers for it.
 */
public final class StateDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);

    /** The database's password lies below. */
    private static final Set<PosixFilePermission> CLOSED = PosixFilePermissions.fromString("rwx------");

    private static final int STICKY = 01000;

    private final Path directory;
    private final FileChannel channel;
    private final FileLock lock;

    private StateDirectory(Path directory, FileChannel channel, FileLock lock) {
        this.directory = directory;
        this.channel = channel;
        this.lock = lock;
    }

    public static StateDirectory take(Path directory) {
        try {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(CLOSED));
            if (((int) Files.getAttribute(directory, "unix:mode") & STICKY) != 0) {
                throw StartFailure.usage(
                        "The state directory %s is a place for everybody: give this node one of its own with --state."
                                .formatted(directory));
            }
            Files.setPosixFilePermissions(directory, CLOSED);
            FileChannel channel = FileChannel.open(
                    directory.resolve("node.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw StartFailure.failed(
                        "Another node uses the state directory %s: give this one its own with --state."
                                .formatted(directory),
                        null);
            }
            return new StateDirectory(directory, channel, lock);
        } catch (IOException e) {
            throw StartFailure.failed("The state directory %s cannot be used: %s".formatted(directory, e), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Taken by another node in this same process; to the caller that is no different.
            return null;
        }
    }

    public Path path() {
        return directory;
    }

    public Path addressesFile() {
        return directory.resolve("node.json");
    }

    /** Replaces node.json as a whole: a reader never sees half of it. */
    public void publish(String api, String http, String metrics, String cluster, String fleet, String node) {
        String json =
                "{\"pid\":%d,\"startTicks\":%d,\"api\":\"%s\",\"http\":\"%s\",\"metrics\":\"%s\",\"cluster\":\"%s\",\"fleet\":\"%s\",\"node\":\"%s\"}%n"
                        .formatted(
                                ProcessHandle.current().pid(), startTicks(), api, http, metrics, cluster, fleet, node);
        try {
            Path next = directory.resolve("node.json.next");
            Files.writeString(next, json);
            Files.move(next, addressesFile(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw StartFailure.failed("The node's addresses cannot be written to %s: %s".formatted(directory, e), e);
        }
    }

    /** The node has ended in good order: nobody answers at its addresses. */
    public void unpublish() {
        try {
            Files.deleteIfExists(addressesFile());
        } catch (IOException e) {
            LOG.warn("{} could not be removed, its pid says that nobody answers", addressesFile(), e);
        }
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }

    /** Field 22 of /proc/self/stat (proc_pid_stat(5)); with the pid it names this process. -1 where there is no /proc. */
    private static long startTicks() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            List<String> afterName =
                    List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
            return Long.parseLong(afterName.get(19));
        } catch (IOException e) {
            return -1;
        }
    }
}
