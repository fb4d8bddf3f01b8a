package dev.neurath.persistence.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where one embedded database keeps everything: {@code data}, {@code password}, logs and a lock.
 *
 * <p>Whoever holds the lock decides about the server; the kernel takes it from a killed process. The server itself does not
 * hold it, so it can be taken over.
 */
record StateDirectory(Path root) {

    static StateDirectory at(Path directory) {
        try {
            Path root = directory.toAbsolutePath().normalize();
            if (!Files.isDirectory(root)) {
                Files.createDirectories(
                        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return new StateDirectory(root.toRealPath());
        } catch (IOException e) {
            throw new DatabaseStartException("Cannot use " + directory + " for the database: " + Reasons.of(e), e);
        }
    }

    Path data() {
        return root.resolve("data");
    }

    Path log() {
        return root.resolve("postgres.log");
    }

    Path initLog() {
        return root.resolve("initdb.log");
    }

    Path passwordFile() {
        return root.resolve("password");
    }

    boolean hasData() {
        return Files.isDirectory(data());
    }

    FileChannel lock() throws IOException {
        FileChannel channel = FileChannel.open(
                root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            FileLock lock = tryLock(channel);
            if (lock == null) {
                throw new DatabaseStartException("Another process uses the database in " + root
                        + ": stop it first, or give this one a state directory of its own");
            }
            locked = true;
            return channel;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** The superuser's password, made on first use. Never without the data it belongs to: that would lock everybody out. */
    String password() throws IOException {
        if (!Files.exists(passwordFile())) {
            if (hasData()) {
                throw new DatabaseStartException(
                        passwordFile() + " is missing: put it back, it was made with the data");
            }
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            Path draft = root.resolve("password.draft");
            Files.deleteIfExists(draft);
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(draft, HexFormat.of().formatHex(random));
            Files.move(draft, passwordFile(), StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(passwordFile(), StandardCharsets.US_ASCII).strip();
    }

    /** What an initialization that was cut short left behind. */
    void removeDrafts() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (entry.getFileName().toString().startsWith("data.draft-")) {
                    Trees.delete(entry);
                }
            }
        }
    }

    void keepLastLog() throws IOException {
        if (Files.exists(log())) {
            Files.move(log(), root.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
