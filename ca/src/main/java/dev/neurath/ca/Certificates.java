package dev.neurath.ca;

import dev.neurath.identity.Identity;
import dev.neurath.identity.Role;
import dev.neurath.model.FleetId;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;

/** X.509 certificates as this fleet's members want them: ECDSA on P-256, which every TLS library takes. */
final class Certificates {
    private static final String SIGNATURE = "SHA256withECDSA";
    /** 127 random bits: unique without a counter that could be set back; RFC 5280 allows 20 bytes. */
    private static final int SERIAL_BITS = 127;
    /** Clocks of a fleet differ a little. */
    private static final Duration EARLIER = Duration.ofMinutes(5);

    /** RFC 1123, and a certificate may have a wildcard for the first label (RFC 6125). */
    private static final Pattern DNS_NAME = Pattern.compile(
            "(\\*\\.)?LABEL(\\.LABEL)*".replace("LABEL", "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"));

    /** RFC 1035: 255 bytes with the lengths of its labels. */
    private static final int LONGEST_DNS_NAME = 253;

    private final SecureRandom random = new SecureRandom();

    /** One that signs others and nothing else. */
    X509Certificate authority(FleetId fleet, int number, KeyPair keys, Instant now, Duration life) throws CaFailure {
        X500Name name = subject(fleet, "Neurath CA " + number);
        var builder = builder(name, name, keys.getPublic(), now, life);
        try {
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(keys.getPublic()));
        } catch (IOException | GeneralSecurityException e) {
            throw failed(e);
        }
        return signed(builder, keys.getPrivate());
    }

    /** @param hosts DNS names and IP addresses, for clients that compare them */
    X509Certificate member(
            Identity identity,
            List<String> hosts,
            PublicKey key,
            X509Certificate authority,
            PrivateKey authorityKey,
            Instant now,
            Duration life)
            throws CaFailure {
        for (String host : hosts) {
            requireHost(host);
        }
        X500Name issuer =
                X500Name.getInstance(authority.getSubjectX500Principal().getEncoded());
        var builder = builder(issuer, subject(identity.fleet(), identity.name()), key, now, life);
        try {
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, purposes(identity.role()));
            builder.addExtension(Extension.subjectAlternativeName, false, names(identity, hosts));
            builder.addExtension(Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(authority));
        } catch (IOException | GeneralSecurityException e) {
            throw failed(e);
        }
        return signed(builder, authorityKey);
    }

    /** A node serves, and dials other nodes; everybody else only dials. */
    private static ExtendedKeyUsage purposes(Role role) {
        return role == Role.NODE
                ? new ExtendedKeyUsage(
                        new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth})
                : new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth);
    }

    private static void requireHost(String host) throws CaFailure {
        // What looks like an address and is none must not become a DNS name that nobody has.
        boolean numbers = host.matches("[0-9.]+") || host.contains(":");
        if (!IPAddress.isValid(host)
                && (numbers
                        || host.length() > LONGEST_DNS_NAME
                        || !DNS_NAME.matcher(host).matches())) {
            throw CaFailure.mistake("--host", "'%s' is neither a DNS name nor an address".formatted(host));
        }
    }

    private static GeneralNames names(Identity identity, List<String> hosts) {
        var names = new ArrayList<GeneralName>();
        names.add(new GeneralName(GeneralName.uniformResourceIdentifier, identity.uri()));
        for (String host : hosts) {
            names.add(new GeneralName(IPAddress.isValid(host) ? GeneralName.iPAddress : GeneralName.dNSName, host));
        }
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    private X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Duration life) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, random).setBit(0),
                Date.from(now.minus(EARLIER)),
                Date.from(now.plus(life)),
                subject,
                key);
    }

    private static X500Name subject(FleetId fleet, String name) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, fleet.value())
                .addRDN(BCStyle.CN, name)
                .build();
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key) throws CaFailure {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw failed(e);
        }
    }

    private static CaFailure failed(Exception cause) {
        return new CaFailure(
                "The certificate cannot be made: " + cause.getMessage(), "correct it and ask again", cause);
    }
}
