package dev.neurath.host;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.neurath.codec.HostCodec;
import dev.neurath.codec.VmCodec;
import dev.neurath.codec.VmFactCodec;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmFact;
import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.FactReport;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.Heartbeat;
import dev.neurath.proto.v1.Hello;
import dev.neurath.proto.v1.Refusal;
import dev.neurath.proto.v1.ToAgent;
import dev.neurath.proto.v1.Welcome;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An agent on a real connection that says what a test tells it, and hands over what it hears when the test asks. */
final class ScriptedAgent implements AutoCloseable, ClientResponseObserver<FromAgent, ToAgent> {
    private static final long PATIENCE_SECONDS = 10;
    static final HostFacts FACTS = new HostFacts(Map.of("rack", "r1"), 2, 1L << 30, 1L << 29, 1L << 28, "6.1", "tcg");

    private final ManagedChannel channel;
    private final boolean reads;
    private final LinkedBlockingQueue<ToAgent> heard = new LinkedBlockingQueue<>();
    private final CompletableFuture<Throwable> end = new CompletableFuture<>();
    private @Nullable ClientCallStreamObserver<FromAgent> stream;

    private ScriptedAgent(int port, boolean reads) {
        this.reads = reads;
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .directExecutor()
                .build();
        AgentLinkGrpc.newStub(channel).connect(this);
    }

    static ScriptedAgent dial(int port) {
        return new ScriptedAgent(port, true);
    }

    /** Reads nothing until {@link #readOn}. */
    static ScriptedAgent dialWithoutReading(int port) {
        return new ScriptedAgent(port, false);
    }

    static Hello.Builder hello(String host, String log, long incarnation) {
        return Hello.newBuilder()
                .setFleet("test")
                .setHost(host)
                .setIncarnation(incarnation)
                .setBootId("boot-1")
                .setLogUuid(log)
                .setLinkVersion(AgentSession.SPOKEN.newest())
                .setAgentVersion("1")
                .addAbilities(Questions.ANSWER)
                .setFacts(HostCodec.encode(FACTS));
    }

    void say(Hello.Builder hello) {
        say(FromAgent.newBuilder().setHello(hello).build());
    }

    void say(VmId vm, FactStamp stamp, VmFact fact) {
        say(FromAgent.newBuilder()
                .setFact(FactReport.newBuilder()
                        .setVm(vm.value())
                        .setStamp(VmCodec.encode(stamp))
                        .setFact(VmFactCodec.encode(fact)))
                .build());
    }

    void beat(long sequence) {
        say(FromAgent.newBuilder()
                .setHeartbeat(Heartbeat.newBuilder().setSequence(sequence))
                .build());
    }

    void say(FromAgent message) {
        Objects.requireNonNull(stream).onNext(message);
    }

    Welcome welcomed() {
        Welcome welcome = next().getWelcome();
        assertIs(next(), ToAgent.MessageCase.RELEASES);
        return welcome;
    }

    ToAgent next() {
        ToAgent message = nextWithin(Duration.ofSeconds(PATIENCE_SECONDS));
        if (message == null) {
            throw new AssertionError("nothing was heard; the stream's end: " + end.getNow(new Throwable("open")));
        }
        return message;
    }

    /** @return null if nothing is heard in that time */
    @Nullable
    ToAgent nextWithin(Duration patience) {
        try {
            return heard.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while listening", e);
        }
    }

    boolean heardNothingMore() {
        return heard.isEmpty();
    }

    Throwable failure() {
        try {
            return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the stream did not end", e);
        }
    }

    Status.Code endCode() {
        return Status.fromThrowable(failure()).getCode();
    }

    /** @return code of the refusal in the details of the stream's end */
    String refusal() {
        var status = Objects.requireNonNull(StatusProto.fromThrowable(failure()));
        try {
            return status.getDetails(0).unpack(Refusal.class).getCode();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("no refusal in " + status, e);
        }
    }

    void readOn() {
        Objects.requireNonNull(stream).request(1_000_000);
    }

    private static void assertIs(ToAgent message, ToAgent.MessageCase expected) {
        if (message.getMessageCase() != expected) {
            throw new AssertionError(expected + " expected: " + message);
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FromAgent> requests) {
        stream = requests;
        if (!reads) {
            requests.disableAutoRequestWithInitial(0);
        }
    }

    @Override
    public void onNext(ToAgent message) {
        heard.add(message);
    }

    @Override
    public void onError(Throwable failure) {
        end.complete(failure);
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK.asException());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
