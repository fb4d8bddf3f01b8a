package dev.neurath.identity;

import dev.neurath.model.FleetId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What one program or person has to show, and whom it believes: the files of a {@code --tls} directory as they were at one moment.
 *
 * <p>They belong together: the key is the certificate's, and the certificate is one that this fleet's members would accept as far as its name goes.
 *
 * @param chain own certificate first
 * @param authorities whose signature under a certificate counts; two while a CA key is being replaced
 * @param releaseKeys whose signature under a release counts
 */
public record Credentials(
        Identity self,
        PrivateKey key,
        List<X509Certificate> chain,
        List<X509Certificate> authorities,
        List<PublicKey> releaseKeys) {
    public static final String CERTIFICATE = "cert.pem";
    public static final String KEY = "key.pem";
    public static final String AUTHORITIES = "ca.pem";
    public static final String RELEASE_KEYS = "release.pem";

    static final List<String> FILES = List.of(CERTIFICATE, KEY, AUTHORITIES, RELEASE_KEYS);

    public Credentials {
        chain = List.copyOf(chain);
        authorities = List.copyOf(authorities);
        releaseKeys = List.copyOf(releaseKeys);
    }

    public FleetId fleet() {
        return self.fleet();
    }

    public static Credentials read(Path directory) throws BadCredentials {
        List<X509Certificate> chain = certificates(directory.resolve(CERTIFICATE));
        PrivateKey key = privateKey(directory.resolve(KEY), chain.getFirst());
        Identity self = Identity.in(chain.getFirst())
                .orElseThrow(() -> new BadCredentials(
                        directory.resolve(CERTIFICATE)
                                + " names nobody of a fleet (neurath://FLEET/ROLE/NAME): issue it with neurath ca issue",
                        null));
        return new Credentials(
                self,
                key,
                chain,
                certificates(directory.resolve(AUTHORITIES)),
                publicKeys(directory.resolve(RELEASE_KEYS)));
    }

    private static List<X509Certificate> certificates(Path file) throws BadCredentials {
        try {
            var found = new ArrayList<X509Certificate>();
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(text(file).getBytes(StandardCharsets.US_ASCII)))
                    .forEach(certificate -> found.add((X509Certificate) certificate));
            if (found.isEmpty()) {
                throw new BadCredentials(file + " holds no certificate: issue it anew with neurath ca issue", null);
            }
            return found;
        } catch (CertificateException e) {
            throw new BadCredentials(file + " is no certificate in PEM: issue it anew with neurath ca issue", e);
        }
    }

    private static PrivateKey privateKey(Path file, X509Certificate certificate) throws BadCredentials {
        requireSecret(file);
        try {
            List<byte[]> blocks = Pem.blocks("PRIVATE KEY", text(file));
            if (blocks.size() != 1) {
                throw new BadCredentials(file + " must hold one PRIVATE KEY in PEM (PKCS #8, not encrypted)", null);
            }
            String algorithm = certificate.getPublicKey().getAlgorithm();
            PrivateKey key =
                    KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(blocks.getFirst()));
            requirePair(file, key, certificate.getPublicKey());
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new BadCredentials(
                    file + " cannot be read as the key of the certificate beside it: issue both anew", e);
        }
    }

    private static void requirePair(Path file, PrivateKey key, PublicKey certified)
            throws GeneralSecurityException, BadCredentials {
        String algorithm = switch (certified.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> certified.getAlgorithm();
        };
        byte[] anything = "neurath".getBytes(StandardCharsets.US_ASCII);
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(anything);
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certified);
        verifier.update(anything);
        if (!verifier.verify(signer.sign())) {
            throw new BadCredentials(
                    file + " is not the key of the certificate beside it: copy both from one neurath ca issue", null);
        }
    }

    private static void requireSecret(Path file) throws BadCredentials {
        try {
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                throw new BadCredentials(file + " can be read by everybody on this machine: chmod 600 " + file, null);
            }
        } catch (NoSuchFileException e) {
            throw missing(file, e);
        } catch (IOException e) {
            throw new BadCredentials(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Who need not trust releases, people for example, may lack the file. */
    private static List<PublicKey> publicKeys(Path file) throws BadCredentials {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            var keys = new ArrayList<PublicKey>();
            for (byte[] block : Pem.blocks("PUBLIC KEY", text(file))) {
                keys.add(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(block)));
            }
            return keys;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new BadCredentials(
                    file + " must hold Ed25519 public keys in PEM: copy it from the CA's directory", e);
        }
    }

    private static String text(Path file) throws BadCredentials {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw missing(file, e);
        } catch (IOException e) {
            throw new BadCredentials(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static BadCredentials missing(Path file, IOException cause) {
        return new BadCredentials(
                "there is no " + file + ": a TLS directory holds " + String.join(", ", FILES)
                        + ", as neurath ca issue makes them",
                cause);
    }
}
