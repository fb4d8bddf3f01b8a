package dev.neurath.persistence.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked once per build of them into the user's cache.
 *
 * <p>The directory is named after the archive's hash and appears whole or not at all, so nodes that start together, and a node
 * killed while unpacking, leave a usable cache.
 */
record PostgresBinaries(Path home) {
    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

    /** In the user's cache; for programs that run as nobody, in the machine's, since nobody may not enter root's home. */
    static PostgresBinaries unpackedFor(Privileges privileges) {
        if (privileges == Privileges.NOBODY) {
            return unpackedIn(Path.of("/var/cache/neurath/postgres"));
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        Path user =
                cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return unpackedIn(user.resolve("neurath").resolve("postgres"));
    }

    static PostgresBinaries unpackedIn(Path cache) {
        try {
            Path home = cache.resolve(hashOfArchive());
            if (!Files.isDirectory(home)) {
                unpack(cache, home);
            }
            return new PostgresBinaries(home);
        } catch (IOException e) {
            throw new DatabaseStartException(
                    "Cannot unpack PostgreSQL's programs into " + cache + ": " + Reasons.of(e), e);
        }
    }

    Path program(String name) {
        return home.resolve("bin").resolve(name);
    }

    private static void unpack(Path cache, Path home) throws IOException {
        Files.createDirectories(cache);
        Path draft = cache.resolve(home.getFileName() + ".unpacking-" + UUID.randomUUID());
        try (TarArchiveInputStream archive =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(open())))) {
            TarArchiveEntry entry = archive.getNextEntry();
            while (entry != null) {
                extract(archive, entry, draft);
                entry = archive.getNextEntry();
            }
            Files.move(draft, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            // Another node was faster; its copy is the same.
            Trees.delete(draft);
        } catch (IOException e) {
            Trees.delete(draft);
            throw e;
        }
        removeDraftsLeftBehind(cache);
    }

    private static void extract(TarArchiveInputStream archive, TarArchiveEntry entry, Path root) throws IOException {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
            throw new IOException("The archive names a file outside itself: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(target, root.resolve(entry.getLinkName()).normalize());
        } else {
            Files.copy(archive, target);
            boolean program = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }

    /** An hour is far more than unpacking takes: whoever made an older draft was killed. */
    private static void removeDraftsLeftBehind(Path cache) throws IOException {
        long anHourAgo = System.currentTimeMillis() - 3_600_000;
        try (Stream<Path> entries = Files.list(cache)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                boolean draft = entry.getFileName().toString().contains(".unpacking-");
                if (draft && Files.getLastModifiedTime(entry).toMillis() < anHourAgo) {
                    Trees.delete(entry);
                }
            }
        }
    }

    private static String hashOfArchive() throws IOException {
        try (DigestInputStream in = new DigestInputStream(open(), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest(), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    private static InputStream open() throws IOException {
        InputStream in = PostgresBinaries.class.getResourceAsStream(ARCHIVE);
        if (in == null) {
            throw new IOException("this build has no PostgreSQL for " + System.getProperty("os.name") + " on "
                    + System.getProperty("os.arch") + "; set neurath.database.url to a server of your own");
        }
        return in;
    }
}
