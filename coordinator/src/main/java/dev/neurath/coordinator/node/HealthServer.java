package dev.neurath.coordinator.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.neurath.coordinator.metrics.NodeMetrics;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * /healthz and /readyz for whoever supervises the node, and /metrics where the node speaks plaintext. It stands apart from the actor system, so that it still answers when that does
 * not.
 */
public final class HealthServer implements AutoCloseable {
    private static final String METRICS_ELSEWHERE =
            "with TLS, metrics are told by https to certificates of role view: start the node with --metrics HOST:PORT\n";

    private final HttpServer server;
    private final Endpoint endpoint;

    private HealthServer(HttpServer server, Endpoint endpoint) {
        this.server = server;
        this.endpoint = endpoint;
    }

    /** @param metrics empty where they are told to certificates only, by {@link MetricsServer} */
    public static HealthServer start(Endpoint wanted, Readiness readiness, Optional<Supplier<byte[]>> metrics) {
        try {
            HttpServer server = HttpServer.create(wanted.socketAddress(), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/healthz", exchange -> answer(exchange, 200, "text/plain", utf8("alive\n")));
            server.createContext("/readyz", exchange -> ready(exchange, readiness.missing()));
            server.createContext("/metrics", exchange -> {
                if (metrics.isPresent()) {
                    answer(
                            exchange,
                            200,
                            NodeMetrics.CONTENT_TYPE,
                            metrics.get().get());
                } else {
                    answer(exchange, 403, "text/plain", utf8(METRICS_ELSEWHERE));
                }
            });
            server.start();
            return new HealthServer(server, wanted.withPort(server.getAddress().getPort()));
        } catch (BindException e) {
            throw StartFailure.failed(
                    "The health address %s cannot be used (%s): choose another with --http."
                            .formatted(wanted, e.getMessage()),
                    e);
        } catch (IOException e) {
            throw StartFailure.failed("The health server cannot start on %s: %s".formatted(wanted, e), e);
        }
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    private static void ready(HttpExchange exchange, Optional<String> missing) throws IOException {
        if (missing.isEmpty()) {
            answer(exchange, 200, "text/plain", utf8("ready\n"));
        } else {
            answer(exchange, 503, "text/plain", utf8(missing.get() + "\n"));
        }
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

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
