package dev.neurath.identity;

import dev.neurath.model.Refusal;
import dev.neurath.model.release.Release;
import dev.neurath.model.release.ReleaseBytes;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which releases this fleet believes: those that one of its release keys has signed. A node asks when one is registered, so that a mistake is told at once; an
 * agent asks before it executes one, so that a node that fell into wrong hands cannot make it.
 */
@FunctionalInterface
public interface ReleaseTrust {
    /** For plaintext, where anybody who can connect may do anything. */
    ReleaseTrust ALL = release -> Optional.empty();

    /** @return why the release is not to be executed; empty if it may be */
    Optional<Refusal> refusal(Release release);

    static ReleaseTrust of(Supplier<Credentials> own) {
        return release -> refusal(release, own.get().releaseKeys());
    }

    private static Optional<Refusal> refusal(Release release, List<PublicKey> keys) {
        if (release.signature().isEmpty()) {
            return Optional.of(Refusal.of(
                    "RELEASE_UNSIGNED",
                    "Release %s is not signed, and this fleet executes signed releases only.".formatted(release.id()),
                    "neurath release sign -f MANIFEST --key CA/release.key, then register it"));
        }
        byte[] content = ReleaseBytes.of(release);
        return keys.stream().anyMatch(key -> isSignedBy(key, content, release.signature()))
                ? Optional.empty()
                : Optional.of(
                        Refusal.of(
                                "RELEASE_SIGNATURE_WRONG",
                                "No release key of this fleet signed release %s as it is: it was changed afterwards, or another key signed it."
                                        .formatted(release.id()),
                                "compare it with the manifest that was signed; neurath release sign -f MANIFEST --key CA/release.key"));
    }

    private static boolean isSignedBy(PublicKey key, byte[] content, String signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(content);
            return verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Not even a signature.
            return false;
        }
    }
}
