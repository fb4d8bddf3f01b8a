package dev.neurath.agent.release;

import dev.neurath.agent.release.ReleaseFailure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Proves that a release's files are the registered ones, before each start of a QEMU.
 *
 * <p>A file is hashed again only when its device, inode, size, modification or change time differ from those at its last
 * hashing; the change time cannot be set back without the clock, so an edit under a kept modification time is noticed.
 */
public final class ReleaseVerifier {
    private final Map<Path, Hashed> hashes = new ConcurrentHashMap<>();
    private final AtomicLong hashedBytes = new AtomicLong();

    private record Stamp(Map<String, Object> attributes) {
        static Stamp of(Path file) throws IOException {
            return new Stamp(Map.copyOf(Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime")));
        }
    }

    private record Hashed(Stamp stamp, String sha256) {}

    /** Fails with the first file that is missing, not executable where it must be, or not the registered one. */
    public void verify(ReleaseManifest release) throws IOException {
        Path program = Path.of(release.argvPrefix().getFirst());
        if (!Files.exists(program)) {
            throw missing(release, program);
        }
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            throw new ReleaseFailure(
                    Reason.NOT_EXECUTABLE, program, "release " + release.id() + ": " + program + " is not executable");
        }
        for (ReleaseManifest.File file : release.files()) {
            Path path = Path.of(file.path());
            if (!sha256(release, path).equals(file.sha256())) {
                throw new ReleaseFailure(
                        Reason.WRONG_HASH,
                        path,
                        "release " + release.id() + ": " + path + " is not the file that was registered");
            }
        }
    }

    /** How much was really read since the start. */
    public long hashedBytes() {
        return hashedBytes.get();
    }

    private String sha256(ReleaseManifest release, Path file) throws IOException {
        try {
            Stamp before = Stamp.of(file);
            Hashed known = hashes.get(file);
            if (known != null && known.stamp().equals(before)) {
                return known.sha256();
            }
            String sha256 = hash(file);
            // Only a file that stayed the same while it was read has this hash.
            if (Stamp.of(file).equals(before)) {
                hashes.put(file, new Hashed(before, sha256));
            }
            return sha256;
        } catch (NoSuchFileException e) {
            throw missing(release, file);
        }
    }

    private String hash(Path file) throws IOException {
        return FileHash.sha256(file, hashedBytes::addAndGet);
    }

    private static ReleaseFailure missing(ReleaseManifest release, Path file) {
        return new ReleaseFailure(Reason.MISSING, file, "release " + release.id() + ": " + file + " is missing");
    }
}
