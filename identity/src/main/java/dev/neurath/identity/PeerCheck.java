package dev.neurath.identity;

import dev.neurath.model.Refusal;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a certificate counts in this fleet, and if not, why. The TLS handshake has proven that the peer holds its key; this is the rest.
 *
 * <p>A certificate counts only if one of the authorities signed it, now lies within its dates, and it names somebody of this fleet. What that somebody may
 * do is {@link Role}'s and the table of methods' to say.
 */
public final class PeerCheck {
    private PeerCheck() {}

    /** @param chain as the peer showed it, own certificate first; empty = it showed none */
    public static Identity check(List<X509Certificate> chain, Credentials own, Instant now) throws Untrusted {
        if (chain.isEmpty()) {
            throw untrusted(
                    "CERTIFICATE_MISSING",
                    "No certificate was shown, and fleet %s answers to its members only.".formatted(own.fleet()),
                    "name the directory of one with --tls DIR or NEURATH_TLS; neurath ca issue makes it");
        }
        X509Certificate certificate = chain.getFirst();
        Identity identity = Identity.in(certificate)
                .orElseThrow(() -> untrusted(
                        "CERTIFICATE_NAMELESS",
                        "The certificate of %s names nobody of a fleet."
                                .formatted(certificate.getSubjectX500Principal()),
                        "use one that neurath ca issue made"));
        // Only a claim so far, but the one that tells an operator most: whoever took the wrong directory reads which.
        if (!identity.fleet().equals(own.fleet())) {
            throw untrusted(
                    "CERTIFICATE_OF_ANOTHER_FLEET",
                    "The certificate is of fleet %s (%s), and this is fleet %s."
                            .formatted(identity.fleet(), identity.uri(), own.fleet()),
                    "use a certificate of fleet %s".formatted(own.fleet()));
        }
        requireDates(certificate, identity, now);
        requireSigned(chain, identity, own, now);
        return identity;
    }

    /**
     * The certificates that the other side showed in a connection's handshake, its own first; empty if it showed none.
     *
     * @param session null if the connection is none by TLS
     */
    public static List<X509Certificate> chain(@Nullable SSLSession session) {
        if (session == null) {
            return List.of();
        }
        try {
            return Arrays.stream(session.getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            // It showed none, which the check says in its own words.
            return List.of();
        }
    }

    /** As {@link #check}, and the peer must have that role. */
    static Identity check(List<X509Certificate> chain, Credentials own, Instant now, Role wanted) throws Untrusted {
        Identity identity = check(chain, own, now);
        if (identity.role() != wanted) {
            throw untrusted(
                    "CERTIFICATE_OF_ANOTHER_ROLE",
                    "The other side is %s, and should have role %s.".formatted(identity, wanted.word()),
                    "look what listens at that address; neurath ca issue --role %s makes a certificate for it"
                            .formatted(wanted.word()));
        }
        return identity;
    }

    private static void requireDates(X509Certificate certificate, Identity identity, Instant now) throws Untrusted {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isAfter(until)) {
            throw untrusted(
                    "CERTIFICATE_EXPIRED",
                    "The certificate of %s expired at %s.".formatted(identity, until),
                    "neurath ca issue --role %s --name %s --out DIR, into its directory"
                            .formatted(identity.role().word(), identity.name()));
        }
        if (now.isBefore(from)) {
            throw untrusted(
                    "CERTIFICATE_NOT_YET_VALID",
                    "The certificate of %s is good from %s on, and here it is %s.".formatted(identity, from, now),
                    "set the clocks of both machines right");
        }
    }

    private static void requireSigned(List<X509Certificate> chain, Identity identity, Credentials own, Instant now)
            throws Untrusted {
        try {
            Set<TrustAnchor> anchors = own.authorities().stream()
                    .map(authority -> new TrustAnchor(authority, null))
                    .collect(Collectors.toSet());
            var parameters = new PKIXParameters(anchors);
            // Members are few and certificates short-lived enough; who must be shut out at once is shut out by a new CA
            // key.
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPath path = CertificateFactory.getInstance("X.509")
                    .generateCertPath(List.copyOf(withoutAuthorities(chain, own)));
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
        } catch (CertPathValidatorException e) {
            throw untrusted(
                    "CERTIFICATE_NOT_OF_THIS_CA",
                    "The certificate says %s, but no CA that is trusted here vouches for it (%s)."
                            .formatted(identity, e.getMessage()),
                    "issue it anew with this fleet's CA; after neurath ca rotate, put the CA's ca.pem in place on both sides");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java checks certificate paths", e);
        }
    }

    /** An anchor must not be part of the path. */
    private static List<X509Certificate> withoutAuthorities(List<X509Certificate> chain, Credentials own) {
        return chain.stream()
                .filter(certificate -> certificate.equals(chain.getFirst())
                        || !own.authorities().contains(certificate))
                .toList();
    }

    private static Untrusted untrusted(String code, String sentence, String wayOut) {
        return new Untrusted(Refusal.of(code, sentence, wayOut));
    }
}
