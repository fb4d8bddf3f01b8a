package dev.neurath.ca;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that only their owner reads, each replaced as a whole: whoever reads one meanwhile sees the old or the new. */
final class SecretFiles {
    private static final FileAttribute<?> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");

    private SecretFiles() {}

    /**
     * Makes a directory that only its owner enters. One that is there stays as it is: others may need it as it is, and it may be a home or /etc.
     *
     * @param option of the command line that named it
     */
    static void directory(Path directory, String option) throws IOException, CaFailure {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWN));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw new CaFailure(directory + " is no directory", "name another with " + option, e);
            }
            if (!OWN.containsAll(Files.getPosixFilePermissions(directory))) {
                throw new CaFailure(
                        "%s %s exists and is open to others, and keys would lie there".formatted(option, directory),
                        "chmod 700 %s, or name another directory with %s".formatted(directory, option),
                        e);
            }
        }
    }

    static void write(Path file, String text) throws IOException {
        Path draft = file.resolveSibling("." + file.getFileName() + ".draft");
        Files.deleteIfExists(draft);
        Files.createFile(draft, FILE);
        Files.writeString(draft, text, StandardCharsets.UTF_8);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
