package dev.neurath.ca;

import dev.neurath.identity.Credentials;
import dev.neurath.identity.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.Optional;

/**
 * The keys that sign a fleet's releases, in its CA's directory: {@code release.key} signs, {@code release.pem} holds the public half of each one whose
 * signature counts, oldest first. While one is replaced {@code release-old.key} is the one before, for what has to be signed before the new one is
 * known everywhere.
 *
 * <p>A private key whose signature counts is never overwritten before it is {@code release-old.key}, and what ended half-way is done again. It signs nothing
 * by itself: what is to go on is signed anew by whoever answers for it.
 */
final class ReleaseKeys {
    static final String KEY = "release.key";
    private static final String OLD_KEY = "release-old.key";

    private final Path directory;

    ReleaseKeys(Path directory) {
        this.directory = directory;
    }

    void init() throws IOException {
        KeyPair first = newKeys();
        SecretFiles.write(directory.resolve(KEY), secret(first));
        SecretFiles.write(trusted(), publicHalf(first));
    }

    /** Makes a new key beside the old: both count. */
    void rotate() throws IOException, CaFailure {
        List<byte[]> known = known();
        if (known.size() > 1) {
            throw new CaFailure(
                    "%d keys that sign releases are trusted: one rotation is under way".formatted(known.size()),
                    "sign and register every release anew, then: neurath ca rotate-release-key --dir %s --drop-old"
                            .formatted(directory),
                    null);
        }
        // If nobody trusts release.key this is done again after it ended half-way, and the one before is saved already.
        if (signing(known).isPresent()) {
            SecretFiles.write(directory.resolve(OLD_KEY), Files.readString(directory.resolve(KEY)));
        }
        KeyPair next = newKeys();
        // The public half last: one that is trusted can be signed with, whatever happens in between.
        SecretFiles.write(directory.resolve(KEY), secret(next));
        SecretFiles.write(trusted(), block(known.getFirst()) + publicHalf(next));
    }

    /** What the old key signed counts no longer, wherever the new {@code release.pem} is put. */
    void dropOld() throws IOException, CaFailure {
        List<byte[]> known = known();
        if (known.size() == 1) {
            throw new CaFailure(
                    "The key that signs releases is the only one",
                    "neurath ca rotate-release-key --dir %s, which makes another, comes first".formatted(directory),
                    null);
        }
        if (known.size() > 2) {
            throw new CaFailure(
                    "%s holds %d keys, and a rotation makes two: which of them shall count is not known here"
                            .formatted(trusted(), known.size()),
                    "leave the public half of release.key and the one before in it, by an editor, and ask again",
                    null);
        }
        byte[] kept = signing(known)
                .orElseThrow(() -> new CaFailure(
                        "%s does not hold the public half of %s, which is to be the only one that counts"
                                .formatted(trusted(), directory.resolve(KEY)),
                        "put both back, from a copy of the directory, or leave the key that shall count in release.pem, by an editor",
                        null));
        // release.pem last: whatever happens in between, it holds two keys until this is done, and this is done again.
        Files.deleteIfExists(directory.resolve(OLD_KEY));
        SecretFiles.write(trusted(), block(kept));
    }

    /** The public half of {@code release.key}; empty if {@code known} has none, or if that key lies elsewhere. */
    private Optional<byte[]> signing(List<byte[]> known) throws CaFailure {
        if (!Files.exists(directory.resolve(KEY))) {
            return Optional.empty();
        }
        ReleaseKey signing = ReleaseKey.read(directory.resolve(KEY));
        return known.stream().filter(signing::isHalfOf).findFirst();
    }

    private List<byte[]> known() throws IOException, CaFailure {
        List<byte[]> found =
                Files.exists(trusted()) ? Pem.blocks("PUBLIC KEY", Files.readString(trusted())) : List.of();
        if (found.isEmpty()) {
            throw new CaFailure(trusted() + " holds no key", "put it back, from a copy of the directory", null);
        }
        return found;
    }

    private Path trusted() {
        return directory.resolve(Credentials.RELEASE_KEYS);
    }

    private static String secret(KeyPair keys) {
        return Pem.block("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    private static String publicHalf(KeyPair keys) {
        return block(keys.getPublic().getEncoded());
    }

    private static String block(byte[] key) {
        return Pem.block("PUBLIC KEY", key);
    }

    private static KeyPair newKeys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java makes Ed25519 keys", e);
        }
    }
}
