package dev.neurath.identity;

import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Ends a handshake with anybody but a member of this fleet that has the wanted role.
 *
 * <p>The host's name is not compared with the certificate: nodes are reached by addresses, tunnels and load balancers, and any node of the fleet is as good as
 * another. What counts is that the other side is a node of this fleet, which only the fleet's CA can have said.
 */
final class PeerTrust extends X509ExtendedTrustManager {
    private final Supplier<Credentials> own;
    private final Role wanted;
    private final InstantSource clock;

    PeerTrust(Supplier<Credentials> own, Role wanted, InstantSource clock) {
        this.own = own;
        this.wanted = wanted;
        this.clock = clock;
    }

    private void check(X509Certificate[] chain) throws Untrusted {
        PeerCheck.check(List.of(chain), own.get(), clock.instant(), wanted);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws Untrusted {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws Untrusted {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws Untrusted {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws Untrusted {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws Untrusted {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws Untrusted {
        check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
