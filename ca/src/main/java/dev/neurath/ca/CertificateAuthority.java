package dev.neurath.ca;

import dev.neurath.identity.Credentials;
import dev.neurath.identity.Identity;
import dev.neurath.identity.Pem;
import dev.neurath.identity.Role;
import dev.neurath.model.FleetId;
import dev.neurath.model.release.Release;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The CA of one fleet: a directory that its operator keeps off the fleet's machines.
 *
 * <p>{@code ca-N.pem} and {@code ca-N.key}, the highest N signs; {@code ca.pem}, all of them, goes to every member, and so does {@code release.pem}, the
 * keys of {@link ReleaseKeys}. {@code issued.log} has a line for each certificate. A key never leaves the directory but in what {@link #issue} makes.
 */
public final class CertificateAuthority {
    /** Its key is replaced by rotation, long before. */
    private static final Duration LIFE = Duration.ofDays(3650);

    private static final String FLEET = "fleet";
    private static final String ISSUED = "issued.log";
    public static final String RELEASE_KEY = ReleaseKeys.KEY;

    private final Path directory;
    private final FleetId fleet;
    private final Certificates certificates = new Certificates();

    private CertificateAuthority(Path directory, FleetId fleet) {
        this.directory = directory;
        this.fleet = fleet;
    }

    /** Makes a new one. */
    public static CertificateAuthority init(Path directory, FleetId fleet, Instant now) throws IOException, CaFailure {
        if (Files.exists(directory.resolve(FLEET))) {
            throw new CaFailure(
                    directory + " holds the CA of fleet "
                            + Files.readString(directory.resolve(FLEET)).strip() + " already",
                    "use another directory with --dir",
                    null);
        }
        SecretFiles.directory(directory, "--dir");
        var ca = new CertificateAuthority(directory, fleet);
        ca.addKey(1, now);
        ca.releaseKeys().init();
        // Last: a directory without it is none yet, and may be made again.
        SecretFiles.write(directory.resolve(FLEET), fleet.value() + "\n");
        return ca;
    }

    public static CertificateAuthority open(Path directory) throws IOException, CaFailure {
        if (!Files.exists(directory.resolve(FLEET))) {
            throw new CaFailure(
                    directory + " holds no CA", "neurath ca init --dir %s --fleet NAME".formatted(directory), null);
        }
        return new CertificateAuthority(
                directory,
                new FleetId(Files.readString(directory.resolve(FLEET)).strip()));
    }

    public FleetId fleet() {
        return fleet;
    }

    /**
     * Makes a key and a certificate, and puts them into {@code out} as {@link Credentials} reads them. What is there is replaced: this is how a certificate
     * is renewed, in a directory that its owner may have opened to a program meanwhile.
     */
    public X509Certificate issue(Role role, String name, List<String> hosts, Duration life, Path out, Instant now)
            throws IOException, CaFailure {
        Identity identity;
        try {
            identity = new Identity(fleet, role, name);
        } catch (IllegalArgumentException e) {
            throw CaFailure.mistake("--name", String.valueOf(e.getMessage()));
        }
        int signer = numbers().getLast();
        KeyPair keys = newKeys();
        X509Certificate certificate =
                certificates.member(identity, hosts, keys.getPublic(), certificate(signer), key(signer), now, life);
        if (!holdsMember(out)) {
            SecretFiles.directory(out, "--out");
        }
        SecretFiles.write(
                out.resolve(Credentials.AUTHORITIES), Files.readString(directory.resolve(Credentials.AUTHORITIES)));
        SecretFiles.write(
                out.resolve(Credentials.RELEASE_KEYS), Files.readString(directory.resolve(Credentials.RELEASE_KEYS)));
        SecretFiles.write(
                out.resolve(Credentials.KEY),
                Pem.block("PRIVATE KEY", keys.getPrivate().getEncoded()));
        SecretFiles.write(out.resolve(Credentials.CERTIFICATE), pem(certificate));
        record(certificate, identity, signer, now);
        return certificate;
    }

    /**
     * Makes a new CA key beside the old one: from now on it signs, and {@code ca.pem} holds both.
     *
     * @return its number
     */
    public int rotate(Instant now) throws IOException, CaFailure {
        List<Integer> numbers = numbers();
        if (numbers.size() > 1) {
            throw new CaFailure(
                    "CA keys %s are trusted both: one rotation is under way".formatted(numbers),
                    "issue every certificate anew, then: neurath ca rotate --dir %s --drop-old".formatted(directory),
                    null);
        }
        int next = numbers.getLast() + 1;
        addKey(next, now);
        return next;
    }

    /** Ends a rotation: what the old key signed counts no longer, wherever the new {@code ca.pem} is put. */
    public List<Integer> dropOld() throws IOException, CaFailure {
        List<Integer> old = new ArrayList<>(numbers());
        int newest = old.removeLast();
        if (old.isEmpty()) {
            throw new CaFailure(
                    "CA key %d is the only one".formatted(newest),
                    "neurath ca rotate --dir %s, which makes another, comes first".formatted(directory),
                    null);
        }
        SecretFiles.write(directory.resolve(Credentials.AUTHORITIES), pem(certificate(newest)));
        for (int number : old) {
            Files.delete(keyFile(number));
            Files.delete(certificateFile(number));
        }
        return old;
    }

    /** Makes a new key that signs releases beside the old one: from now on it signs, and {@code release.pem} holds both. Nothing is signed anew. */
    public void rotateReleaseKey() throws IOException, CaFailure {
        releaseKeys().rotate();
    }

    /** Ends that rotation: what only the old key signed is executed no longer, wherever the new {@code release.pem} is put. */
    public void dropOldReleaseKey() throws IOException, CaFailure {
        releaseKeys().dropOld();
    }

    private ReleaseKeys releaseKeys() {
        return new ReleaseKeys(directory);
    }

    /** @return the release with this CA's signature */
    public Release sign(Release release) throws CaFailure {
        return ReleaseKey.read(directory.resolve(RELEASE_KEY)).sign(release);
    }

    /** Those whose signature counts, oldest first. */
    public List<X509Certificate> authorities() throws IOException, CaFailure {
        var found = new ArrayList<X509Certificate>();
        for (int number : numbers()) {
            found.add(certificate(number));
        }
        return found;
    }

    /** A line for each certificate ever issued, oldest first. */
    public List<String> issued() throws IOException {
        Path log = directory.resolve(ISSUED);
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private void addKey(int number, Instant now) throws IOException, CaFailure {
        KeyPair keys = newKeys();
        X509Certificate certificate = certificates.authority(fleet, number, keys, now, LIFE);
        SecretFiles.write(
                keyFile(number), Pem.block("PRIVATE KEY", keys.getPrivate().getEncoded()));
        SecretFiles.write(certificateFile(number), pem(certificate));
        var all = new StringBuilder();
        for (int known : numbers()) {
            all.append(pem(certificate(known)));
        }
        SecretFiles.write(directory.resolve(Credentials.AUTHORITIES), all.toString());
    }

    private List<Integer> numbers() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("ca-[0-9]{1,9}\\.pem"))
                    .map(name -> Integer.valueOf(name.substring("ca-".length(), name.length() - ".pem".length())))
                    .sorted()
                    .toList();
        }
    }

    private Path keyFile(int number) {
        return directory.resolve("ca-" + number + ".key");
    }

    private Path certificateFile(int number) {
        return directory.resolve("ca-" + number + ".pem");
    }

    private X509Certificate certificate(int number) throws IOException, CaFailure {
        return certificate(certificateFile(number));
    }

    /** Whether a certificate of this fleet was put there before. */
    private boolean holdsMember(Path out) throws IOException {
        Path file = out.resolve(Credentials.CERTIFICATE);
        try {
            return Files.exists(file)
                    && Identity.in(certificate(file))
                            .filter(member -> member.fleet().equals(fleet))
                            .isPresent();
        } catch (CaFailure notOurs) {
            return false;
        }
    }

    private static X509Certificate certificate(Path file) throws IOException, CaFailure {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
        } catch (GeneralSecurityException e) {
            throw new CaFailure(file + " is no certificate", "put it back, from a copy of the directory", e);
        }
    }

    private PrivateKey key(int number) throws IOException, CaFailure {
        Path file = keyFile(number);
        try {
            byte[] key = Pem.blocks("PRIVATE KEY", Files.readString(file)).getFirst();
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key));
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new CaFailure(file + " holds no key", "put it back, from a copy of the directory", e);
        }
    }

    private void record(X509Certificate certificate, Identity identity, int signer, Instant now) throws IOException {
        String line = "%s %s until %s serial %s by CA %d%n"
                .formatted(
                        now,
                        identity.uri(),
                        certificate.getNotAfter().toInstant(),
                        certificate.getSerialNumber().toString(16),
                        signer);
        Files.writeString(
                directory.resolve(ISSUED),
                line,
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private static String pem(X509Certificate certificate) throws CaFailure {
        try {
            return Pem.block("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new CaFailure("A certificate cannot be written", "correct it and ask again", e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java makes keys on P-256", e);
        }
    }
}
