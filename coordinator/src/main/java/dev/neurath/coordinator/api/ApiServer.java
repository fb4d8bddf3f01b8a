package dev.neurath.coordinator.api;

import dev.neurath.coordinator.node.Endpoint;
import dev.neurath.coordinator.node.StartFailure;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.Tls;
import dev.neurath.model.HostId;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one port for operators and agents. It is bound before the node is ready, so that a port in use is told at once, and says NOT_SERVING until
 * then.
 */
public final class ApiServer {
    /** A client behind a NAT that forgets idle connections may ping this often; more often is answered with ENHANCE_YOUR_CALM. */
    private static final Duration CLIENT_PINGS_AT_MOST_EVERY = Duration.ofSeconds(5);

    /** Certificates end by the day and CAs are dropped by hand: who must not look any more does not look for long. */
    private static final Duration STREAMS_JUDGED_EVERY = Duration.ofSeconds(2);

    private final Server server;
    private final Endpoint endpoint;
    private final HealthStatusManager health;
    private final @Nullable OpenStreams streams;

    private ApiServer(Server server, Endpoint endpoint, HealthStatusManager health, @Nullable OpenStreams streams) {
        this.streams = streams;
        this.server = server;
        this.endpoint = endpoint;
        this.health = health;
    }

    /** @param own what the node shows, and whom it believes; null = plaintext */
    public static ApiServer start(
            Endpoint wanted, int maxMessageBytes, List<BindableService> services, @Nullable Supplier<Credentials> own) {
        var health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        OpenStreams streams = null;
        Caller caller = Caller.onPlaintext();
        if (own != null) {
            var members = new Members(own, InstantSource.system());
            streams = new OpenStreams(members, STREAMS_JUDGED_EVERY);
            caller = Caller.byCertificate(members, streams);
        }
        var builder = NettyServerBuilder.forAddress(wanted.socketAddress())
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .intercept(caller)
                .maxInboundMessageSize(maxMessageBytes)
                .permitKeepAliveWithoutCalls(true)
                .permitKeepAliveTime(CLIENT_PINGS_AT_MOST_EVERY.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .addService(reflectionOfOlderClients());
        services.forEach(builder::addService);
        if (own != null) {
            builder.sslContext(Tls.server(own));
        }
        try {
            Server server = builder.build().start();
            return new ApiServer(server, wanted.withPort(server.getPort()), health, streams);
        } catch (IOException e) {
            if (streams != null) {
                streams.close();
            }
            throw StartFailure.failed(
                    "The API address %s cannot be used (%s): choose another with --api."
                            .formatted(wanted, rootMessage(e)),
                    e);
        }
    }

    /** Most clients in other languages still ask for v1alpha only. */
    @SuppressWarnings("deprecation")
    private static BindableService reflectionOfOlderClients() {
        return ProtoReflectionService.newInstance();
    }

    /** The host that the agent now calling has proven to speak for; null on plaintext, where nothing is proven. */
    public static @Nullable HostId provenHost() {
        return Caller.provenHost();
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public void serving(boolean serving) {
        health.setStatus(
                HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
                serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /** Takes no new calls, lets those in flight end for a moment, then ends them: long streams would never. */
    public void stop(Duration patience) {
        health.enterTerminalState();
        if (streams != null) {
            streams.close();
        }
        server.shutdown();
        try {
            if (!server.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
