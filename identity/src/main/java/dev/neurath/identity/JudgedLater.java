package dev.neurath.identity;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets a handshake end whatever certificate is shown, for a server that judges each call by {@link PeerCheck} before it reads its message.
 *
 * <p>A handshake that fails says "bad certificate" at most, to a client that may have sent its request already; a call can be answered with what is wrong and
 * the way out. A call is also judged by what counts now, not by what counted when the connection was made.
 */
final class JudgedLater extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
        throw onlyForServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
        throw onlyForServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
        throw onlyForServers();
    }

    private static IllegalStateException onlyForServers() {
        return new IllegalStateException("a client judges its server in the handshake, or never");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
