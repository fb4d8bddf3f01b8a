package dev.neurath.coordinator.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.neurath.coordinator.api.Members;
import dev.neurath.coordinator.metrics.NodeMetrics;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.Identity;
import dev.neurath.identity.Role;
import dev.neurath.identity.Tls;
import dev.neurath.identity.Untrusted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** /metrics of a node with TLS: for certificates of role view and above, since how a fleet is doing is nobody else's business. */
final class MetricsServer implements AutoCloseable {
    private final HttpsServer server;
    private final Endpoint endpoint;
    private final Members members;
    private final Supplier<byte[]> metrics;

    private MetricsServer(HttpsServer server, Endpoint endpoint, Members members, Supplier<byte[]> metrics) {
        this.server = server;
        this.endpoint = endpoint;
        this.members = members;
        this.metrics = metrics;
    }

    static MetricsServer start(Endpoint wanted, Supplier<Credentials> own, Supplier<byte[]> metrics) {
        try {
            HttpsServer server = HttpsServer.create(wanted.socketAddress(), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.setHttpsConfigurator(new AsksForCertificates(Tls.judgedLater(own)));
            var started = new MetricsServer(
                    server,
                    wanted.withPort(server.getAddress().getPort()),
                    new Members(own, InstantSource.system()),
                    metrics);
            server.createContext("/metrics", started::answer);
            server.start();
            return started;
        } catch (IOException e) {
            throw StartFailure.failed(
                    "The metrics address %s cannot be used (%s): choose another with --metrics."
                            .formatted(wanted, e.getMessage()),
                    e);
        }
    }

    Endpoint endpoint() {
        return endpoint;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try {
            Identity caller = members.identify(((HttpsExchange) exchange).getSSLSession());
            if (caller.role().includes(Role.VIEW)) {
                answer(exchange, 200, NodeMetrics.CONTENT_TYPE, metrics.get());
            } else {
                answer(
                        exchange,
                        403,
                        "text/plain",
                        said("/metrics needs role view, and the certificate is of " + caller));
            }
        } catch (Untrusted e) {
            answer(exchange, 401, "text/plain", said(String.valueOf(e.getMessage())));
        }
    }

    private static byte[] said(String sentence) {
        return (sentence + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static final class AsksForCertificates extends HttpsConfigurator {
        AsksForCertificates(SSLContext context) {
            super(context);
        }

        @Override
        public void configure(HttpsParameters parameters) {
            SSLParameters tls = getSSLContext().getDefaultSSLParameters();
            tls.setProtocols(Tls.protocols());
            tls.setWantClientAuth(true);
            parameters.setSSLParameters(tls);
        }
    }
}
