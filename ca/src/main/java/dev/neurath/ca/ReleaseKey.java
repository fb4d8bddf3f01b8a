package dev.neurath.ca;

import dev.neurath.identity.Pem;
import dev.neurath.model.release.Release;
import dev.neurath.model.release.ReleaseBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** Says of a release that this fleet may execute it. May lie apart from the CA, with whoever builds releases. */
public final class ReleaseKey {
    private static final byte[] PROBE = "which key is this".getBytes(StandardCharsets.US_ASCII);

    private final PrivateKey key;

    private ReleaseKey(PrivateKey key) {
        this.key = key;
    }

    public static ReleaseKey read(Path file) throws CaFailure {
        try {
            List<byte[]> blocks = Pem.blocks("PRIVATE KEY", Files.readString(file));
            if (blocks.size() == 1) {
                return new ReleaseKey(
                        KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(blocks.getFirst())));
            }
            throw new CaFailure(
                    file + " does not hold one private key", "name release.key of the CA's directory", null);
        } catch (IOException e) {
            throw new CaFailure(
                    file + " cannot be read: " + e.getMessage(), "name release.key of the CA's directory", e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new CaFailure(file + " is no Ed25519 key in PEM", "name release.key of the CA's directory", e);
        }
    }

    public Release sign(Release release) {
        return release.signed(Base64.getEncoder().encodeToString(signature(ReleaseBytes.of(release))));
    }

    /** Whether {@code publicHalf}, in X.509's form, is this key's: the private one alone does not tell it, but what it signs does. */
    boolean isHalfOf(byte[] publicHalf) {
        byte[] signature = signature(PROBE);
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(publicHalf)));
            verifier.update(PROBE);
            return verifier.verify(signature);
        } catch (GeneralSecurityException notEvenAKey) {
            return false;
        }
    }

    private byte[] signature(byte[] content) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(content);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java signs by Ed25519", e);
        }
    }
}
