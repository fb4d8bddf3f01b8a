package dev.neurath.coordinator.api;

import dev.neurath.identity.Credentials;
import dev.neurath.identity.Identity;
import dev.neurath.identity.PeerCheck;
import dev.neurath.identity.Untrusted;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the certificate of a connection who is at its other end, anew for each call: one that expired meanwhile, or whose CA was dropped, counts no longer.
 *
 * <p>A signature that was found good is remembered for as long as the same authorities are trusted; its dates are looked at each time.
 */
public final class Members {
    /** More than the members of a large fleet that talk to one node; then all are forgotten and checked again. */
    private static final int REMEMBERED = 50_000;

    private final Supplier<Credentials> own;
    private final InstantSource clock;
    private final Map<X509Certificate, Signed> signed = new ConcurrentHashMap<>();

    private record Signed(Credentials by, Identity identity) {}

    public Members(Supplier<Credentials> own, InstantSource clock) {
        this.own = own;
        this.clock = clock;
    }

    /** @param session null if the connection is none by TLS */
    public Identity identify(@Nullable SSLSession session) throws Untrusted {
        Credentials now = own.get();
        List<X509Certificate> chain = PeerCheck.chain(session);
        if (!chain.isEmpty()) {
            X509Certificate certificate = chain.getFirst();
            Signed known = signed.get(certificate);
            if (known != null && known.by().equals(now) && isWithinDates(certificate)) {
                return known.identity();
            }
        }
        Identity identity = PeerCheck.check(chain, now, clock.instant());
        if (signed.size() >= REMEMBERED) {
            signed.clear();
        }
        signed.put(chain.getFirst(), new Signed(now, identity));
        return identity;
    }

    private boolean isWithinDates(X509Certificate certificate) {
        var now = clock.instant();
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }
}
