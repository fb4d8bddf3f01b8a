package dev.neurath.testbed.apt;

import dev.neurath.testbed.Command;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Package files on their way into a prefix: downloaded, checked against what the signed index says, unpacked. Nothing
 * is unpacked before all of it has been checked, and no maintainer script is ever run.
 */
public final class PackageFiles {
    private static final Duration UNPACK_LIMIT = Duration.ofMinutes(2);

    private PackageFiles() {}

    /** Downloads into {@code work}, unpacks into {@code root}, and leaves {@code work} empty again. */
    public static void fetch(AptState apt, List<PrintedUri> uris, Path work, Path root, Consumer<String> progress)
            throws IOException, InterruptedException {
        Files.createDirectories(work);
        Files.createDirectories(root);
        long bytes = uris.stream().mapToLong(PrintedUri::size).sum();
        progress.accept("downloading %d packages, %.1f MB".formatted(uris.size(), bytes / 1e6));
        apt.download(uris, work);
        for (PrintedUri uri : uris) {
            check(uri, work.resolve(uri.fileName()));
        }
        progress.accept("hashes checked, unpacking");
        for (PrintedUri uri : uris) {
            Path file = work.resolve(uri.fileName());
            Command.of(UNPACK_LIMIT, List.of("dpkg", "-x", file.toString(), root.toString()))
                    .output();
            Files.delete(file);
        }
    }

    static void check(PrintedUri uri, Path file) throws IOException {
        long size = Files.size(file);
        String sha256 = sha256(file);
        if (size != uri.size() || !sha256.equals(uri.sha256())) {
            throw new IOException("%s is not what the index promises: %d bytes, SHA256 %s instead of %d bytes, %s"
                    .formatted(uri.fileName(), size, sha256, uri.size(), uri.sha256()));
        }
    }

    public static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Deletes a tree of ours, symbolic links as links. */
    public static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(tree)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    /** The first of these that exists below the root. */
    public static Optional<Path> firstExisting(Path root, List<String> candidates) {
        return candidates.stream().map(root::resolve).filter(Files::exists).findFirst();
    }
}
