package dev.neurath.coordinator.node;

import dev.neurath.identity.CredentialsDirectory;
import dev.neurath.identity.Tls;
import java.nio.file.Path;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import scala.Option;

/**
 * Connections between nodes: each side is a node of this fleet by its certificate, or the handshake fails. Pekko makes one by its name.
 *
 * <p>Each connection begins with the credentials of its moment, and resumes no session of earlier ones. It is judged then and never again: Pekko shows nobody
 * the connections that it has. So a node is restarted when a CA key is dropped.
 */
public final class ClusterTls implements SSLEngineProvider {
    private final CredentialsDirectory credentials;

    public ClusterTls(ActorSystem system) {
        credentials = NodeCredentials.open(Path.of(system.settings().config().getString("neurath.tls")));
    }

    @Override
    public SSLEngine createServerSSLEngine(String host, int port) {
        SSLEngine engine = engine(host, port);
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(true);
        return engine;
    }

    @Override
    public SSLEngine createClientSSLEngine(String host, int port) {
        SSLEngine engine = engine(host, port);
        engine.setUseClientMode(true);
        return engine;
    }

    private SSLEngine engine(String host, int port) {
        SSLEngine engine = Tls.betweenNodes(credentials).createSSLEngine(host, port);
        engine.setEnabledProtocols(Tls.protocols());
        return engine;
    }

    /** All that there is to verify was verified in the handshake. */
    @Override
    public Option<Throwable> verifyClientSession(String host, SSLSession session) {
        return Option.empty();
    }

    @Override
    public Option<Throwable> verifyServerSession(String host, SSLSession session) {
        return Option.empty();
    }
}
