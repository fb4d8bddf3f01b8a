package dev.neurath.identity;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Connections by TLS 1.3, each in the one way that its place asks for.
 *
 * <p>The JDK's own TLS everywhere: the agent runs as root and unpacks no native library into a directory for temporary files.
 */
public final class Tls {
    private static final String PROTOCOL = "TLSv1.3";

    private Tls() {}

    /** gRPC for operators and agents: takes every connection, and its calls are judged one by one. */
    public static SslContext server(Supplier<Credentials> own) {
        try {
            return GrpcSslContexts.configure(SslContextBuilder.forServer(new OwnKey(own)), SslProvider.JDK)
                    .trustManager(new JudgedLater())
                    .clientAuth(ClientAuth.OPTIONAL)
                    .protocols(PROTOCOL)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("every Java serves " + PROTOCOL, e);
        }
    }

    /** gRPC to a node of the fleet. To be made anew for each connection, so that no session of earlier credentials is resumed. */
    public static SslContext client(Supplier<Credentials> own) {
        try {
            return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                    .keyManager(new OwnKey(own))
                    .trustManager(new PeerTrust(own, Role.NODE, InstantSource.system()))
                    .protocols(PROTOCOL)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("every Java speaks " + PROTOCOL, e);
        }
    }

    /** What an engine or a server made of a context here may speak. The context alone would also let it speak TLS 1.2. */
    public static String[] protocols() {
        return new String[] {PROTOCOL};
    }

    /** Between nodes, both ways. Its engines are to be held to {@link #protocols}. */
    public static SSLContext betweenNodes(Supplier<Credentials> own) {
        return context(own, new PeerTrust(own, Role.NODE, InstantSource.system()));
    }

    /** For a server of the JDK's whose requests are judged one by one; to be held to {@link #protocols}. */
    public static SSLContext judgedLater(Supplier<Credentials> own) {
        return context(own, new JudgedLater());
    }

    /**
     * Judges the node at the other end of a connection that {@link #client} made by what counts now: its certificate may have expired since the handshake,
     * or its CA may have been dropped.
     *
     * @param session the connection's
     */
    public static void requireNode(@Nullable SSLSession session, Supplier<Credentials> own) throws Untrusted {
        PeerCheck.check(
                PeerCheck.chain(session), own.get(), InstantSource.system().instant(), Role.NODE);
    }

    private static SSLContext context(Supplier<Credentials> own, X509ExtendedTrustManager trust) {
        try {
            SSLContext context = SSLContext.getInstance(PROTOCOL);
            context.init(new KeyManager[] {new OwnKey(own)}, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java speaks " + PROTOCOL, e);
        }
    }
}
