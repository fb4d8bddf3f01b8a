package dev.neurath.cli.link;

import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.Tls;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.FleetGrpc;
import dev.neurath.proto.v1.RolloutsGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator nodes as one server: a call goes to the node that answered last, and to the next one when that node is gone or mute.
 *
 * <p>A call may thus reach two nodes. That is safe because every command of the API is idempotent or answers the second time with a
 * refusal that says so. One deadline holds per node, so a stopped node costs that long, once.
 *
 * <p>Without credentials it speaks plaintext, and to loopback addresses only.
 */
public final class Api implements AutoCloseable {
    private static final Metadata.Key<String> ACTOR =
            Metadata.Key.of("neurath-actor", Metadata.ASCII_STRING_MARSHALLER);
    private static final int LARGEST_ANSWER_BYTES = 256 * 1024 * 1024;

    /** gRPC's own minimum. */
    private static final Duration ALIVE_EVERY = Duration.ofSeconds(10);

    private final List<ServerAddress> servers;
    private final Duration perNode;
    private final @Nullable Credentials credentials;
    private final List<@Nullable ManagedChannel> channels;
    private int current;

    public Api(List<ServerAddress> servers, Duration perNode) {
        this(servers, perNode, null);
    }

    /** @param credentials to show, and by which a node is judged; null = plaintext */
    public Api(List<ServerAddress> servers, Duration perNode, @Nullable Credentials credentials) {
        if (servers.isEmpty()) {
            throw CliFailure.of(ExitCode.USAGE, "no server was named", "--server HOST:PORT, or NEURATH_SERVER");
        }
        if (credentials == null) {
            servers.forEach(Api::requireLoopback);
        }
        this.servers = List.copyOf(servers);
        this.perNode = perNode;
        this.credentials = credentials;
        this.channels = new ArrayList<>();
        servers.forEach(server -> channels.add(null));
    }

    private static void requireLoopback(ServerAddress server) {
        if (!server.isLoopback()) {
            throw CliFailure.of(
                    ExitCode.USAGE,
                    server + " is not on this machine, and plaintext is for loopback addresses only",
                    "name a certificate's directory with --tls DIR or NEURATH_TLS; neurath ca issue makes it");
        }
    }

    public <T> T rollouts(Function<RolloutsGrpc.RolloutsBlockingStub, T> call) {
        return onAnyNode(channel -> call.apply(
                RolloutsGrpc.newBlockingStub(channel).withDeadlineAfter(perNode.toMillis(), TimeUnit.MILLISECONDS)));
    }

    public <T> T fleet(Function<FleetGrpc.FleetBlockingStub, T> call) {
        return onAnyNode(channel -> call.apply(
                FleetGrpc.newBlockingStub(channel).withDeadlineAfter(perNode.toMillis(), TimeUnit.MILLISECONDS)));
    }

    public <T> T events(Function<EventFeedGrpc.EventFeedBlockingStub, T> call) {
        return onAnyNode(channel -> call.apply(
                EventFeedGrpc.newBlockingStub(channel).withDeadlineAfter(perNode.toMillis(), TimeUnit.MILLISECONDS)));
    }

    /** A stream without a deadline; its reader goes on from its own cursor when the node dies. */
    public <T> T stream(Function<EventFeedGrpc.EventFeedBlockingStub, T> call) {
        return onAnyNode(channel -> call.apply(EventFeedGrpc.newBlockingStub(channel)));
    }

    /** For a reader whose stream broke off: the node it came from may be gone. */
    public void nextNode() {
        current = (current + 1) % servers.size();
    }

    private <T> T onAnyNode(Function<Channel, T> call) {
        @Nullable StatusRuntimeException last = null;
        for (int attempt = 0; attempt < servers.size(); attempt++) {
            try {
                return call.apply(channel(current));
            } catch (StatusRuntimeException failure) {
                if (!anotherNodeMayAnswer(failure)) {
                    throw CliFailure.from(failure);
                }
                last = failure;
                nextNode();
            }
        }
        throw nobodyAnswered(last);
    }

    /** True for what is a node's trouble, not the command's. */
    public static boolean anotherNodeMayAnswer(StatusRuntimeException failure) {
        Status.Code code = failure.getStatus().getCode();
        return code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED;
    }

    private CliFailure nobodyAnswered(@Nullable StatusRuntimeException last) {
        if (last != null && !CliFailure.from(last).code().isEmpty()) {
            return CliFailure.from(last);
        }
        String why = last == null ? "" : " (" + cause(last) + ")";
        boolean spoken = last != null && talksSomethingElse(last);
        if (last != null && last.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return CliFailure.unreachable(
                    "no answer within " + perNode.toSeconds() + " s from " + names()
                            + "; a command may have been carried out all the same",
                    "look before repeating it: neurath rollout list, neurath vm list",
                    last);
        }
        if (spoken) {
            return CliFailure.unreachable(
                    names() + " does not understand " + (credentials == null ? "plaintext" : "TLS") + why,
                    credentials == null
                            ? "if the node was started with --tls: name a certificate's directory with --tls DIR or NEURATH_TLS"
                            : "if the node was started with --plaintext: leave out --tls and NEURATH_TLS",
                    last);
        }
        return CliFailure.unreachable(
                "no coordinator serves at " + names() + why,
                "start one: neurath up --tls DIR or --plaintext   or name one: --server HOST:PORT, NEURATH_SERVER",
                last);
    }

    /** A connection came about, and what came over it was no answer. */
    private boolean talksSomethingElse(StatusRuntimeException failure) {
        String said = cause(failure);
        return credentials == null
                ? said.startsWith("Network closed") || said.contains("First received frame was not SETTINGS")
                : said.startsWith("not an SSL/TLS record") || said.startsWith("Unsupported or unrecognized SSL");
    }

    private static String cause(StatusRuntimeException failure) {
        String said = failure.getStatus().getDescription();
        for (Throwable next = failure.getCause(); next != null; next = next.getCause()) {
            said = next.getMessage();
        }
        return String.valueOf(said);
    }

    private String names() {
        return servers.stream().map(ServerAddress::toString).collect(Collectors.joining(", "));
    }

    private Channel channel(int index) {
        ManagedChannel channel = channels.get(index);
        if (channel == null) {
            ServerAddress server = servers.get(index);
            channel = builder(server)
                    // A stream from a node that was stopped, or whose machine vanished, would wait for ever.
                    .keepAliveTime(ALIVE_EVERY.toMillis(), TimeUnit.MILLISECONDS)
                    .keepAliveTimeout(ALIVE_EVERY.toMillis(), TimeUnit.MILLISECONDS)
                    .maxInboundMessageSize(LARGEST_ANSWER_BYTES)
                    .build();
            channels.set(index, channel);
        }
        Metadata caller = new Metadata();
        caller.put(ACTOR, System.getProperty("user.name", "unknown").replaceAll("[^\\x21-\\x7e]", "?"));
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(caller));
    }

    private NettyChannelBuilder builder(ServerAddress server) {
        var builder = NettyChannelBuilder.forAddress(server.host(), server.port());
        Credentials own = credentials;
        return own == null ? builder.usePlaintext() : builder.sslContext(Tls.client(() -> own));
    }

    @Override
    public void close() {
        for (ManagedChannel channel : channels) {
            if (channel != null) {
                channel.shutdownNow();
            }
        }
    }
}
