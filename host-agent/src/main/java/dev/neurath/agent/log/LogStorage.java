package dev.neurath.agent.log;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Where log files live; the real one uses the file system as it is. */
interface LogStorage {
    LogStorage FILES = files(DiskGate.OPEN);

    static LogStorage files(DiskGate gate) {
        return path -> {
            Files.createDirectories(
                    path.getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return new DiskFile(path, gate);
        };
    }

    /** Opens or creates it. */
    LogFile open(Path path) throws IOException;

    /** Moves a complete, synced file over another; durable once the directory is synced. */
    default void replace(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    default void syncDirectoryOf(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(Objects.requireNonNull(file.getParent()), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Not a FileChannel: an interrupt of the writing thread would close that, and the log with it. */
    final class DiskFile implements LogFile {
        private final Path path;
        private final DiskGate gate;
        private final RandomAccessFile file;

        DiskFile(Path path, DiskGate gate) throws IOException {
            this.path = path;
            this.gate = gate;
            file = new RandomAccessFile(path.toFile(), "rw");
        }

        @Override
        public byte[] readAll() throws IOException {
            byte[] bytes = new byte[Math.toIntExact(file.length())];
            file.seek(0);
            file.readFully(bytes);
            return bytes;
        }

        @Override
        public void write(long position, byte[] bytes) throws IOException {
            gate.beforeWrite(path);
            file.seek(position);
            file.write(bytes);
        }

        @Override
        public void sync() throws IOException {
            gate.beforeWrite(path);
            file.getFD().sync();
        }

        @Override
        public void truncate(long length) throws IOException {
            file.setLength(length);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
