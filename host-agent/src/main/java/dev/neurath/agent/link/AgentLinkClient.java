package dev.neurath.agent.link;

import dev.neurath.codec.MalformedMessage;
import dev.neurath.codec.VmCodec;
import dev.neurath.codec.VmFactCodec;
import dev.neurath.codec.VmOrderCodec;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.Tls;
import dev.neurath.identity.Untrusted;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.host.LinkVersions;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.FactReport;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.Heartbeat;
import dev.neurath.proto.v1.Hello;
import dev.neurath.proto.v1.OrderMessage;
import dev.neurath.proto.v1.Prove;
import dev.neurath.proto.v1.Proved;
import dev.neurath.proto.v1.Question;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.proto.v1.ToAgent;
import dev.neurath.proto.v1.Welcome;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one session with any node of the coordinator: dials the next one when this one is silent or gone, sends everything unacknowledged again, and
 * hands on the orders of the session that it was welcomed to. An order of another session is dropped: whoever sent it speaks for the past.
 */
public final class AgentLinkClient {
    private static final Logger LOG = LoggerFactory.getLogger(AgentLinkClient.class);
    /** A node that is stopped takes a connection and says nothing on it. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    /** Longer than a node's own limit (neurath.agent-link.hello-timeout), so that it can say what it waits for. */
    private static final Duration WELCOME_LIMIT = Duration.ofSeconds(35);

    /** The catalogue is the largest: about 16 KB a release, so some thousands of them. */
    private static final int LARGEST_MESSAGE_BYTES = 64 << 20;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    /** Between two dials of a fleet that does not want this agent. */
    private static final Duration LONGEST_PAUSE_UNWANTED = Duration.ofSeconds(30);
    /** Unacknowledged facts are repeated this often: acknowledgements can be lost with a node that hands a VM over to another. */
    private static final Duration REPEAT = Duration.ofSeconds(2);

    /** What the agent does with what comes down the line; must not block. */
    public interface Receiver {
        void welcomed(Welcome welcome);

        /** @param startBeforeNanos System.nanoTime() after which the guest must not be touched first for this order */
        void order(VmId vm, VmOrder order, long startBeforeNanos);

        void acknowledged(VmId vm, FactStamp stamp);

        /** The fact is forgotten, and will never count. */
        void disowned(VmId vm, FactStamp stamp, Refusal why);

        void releases(ReleaseCatalog releases);

        /** @param answer takes the answer, whenever there is one; it is lost with this session */
        default void prove(Prove question, Consumer<Proved> answer) {
            LOG.warn("This agent was asked to try {} and cannot.", question.getVm());
        }

        /** @param answer takes the answer, from any thread; one that comes after the session's end is dropped */
        void question(Question question, Consumer<Answer> answer);

        /**
         * The fleet does not want this agent; trying again changes nothing until somebody changes something. Told once for each reason in a row.
         */
        void turnedAway(Status status);
    }

    private final List<String> nodes;
    private final @Nullable Supplier<Credentials> credentials;
    private final Supplier<Hello> hello;
    private final FactOutbox outbox;
    private final Receiver receiver;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;
    private volatile boolean unwanted;
    /** Why the fleet did not want this agent the last time, or empty. */
    private volatile String told = "";

    /**
     * @param nodes HOST:PORT of coordinator nodes
     * @param credentials to show, and by which a node is judged, looked up for each connection; null = plaintext
     */
    public AgentLinkClient(
            List<String> nodes,
            @Nullable Supplier<Credentials> credentials,
            Supplier<Hello> hello,
            FactOutbox outbox,
            Receiver receiver) {
        this.nodes = List.copyOf(nodes);
        this.credentials = credentials;
        this.hello = hello;
        this.outbox = outbox;
        this.receiver = receiver;
        this.thread = Thread.ofPlatform().name("agent-link").unstarted(this::dialForEver);
    }

    public void start() {
        thread.start();
    }

    public void close() throws InterruptedException {
        closed.set(true);
        thread.interrupt();
        thread.join(Duration.ofSeconds(5));
    }

    private void dialForEver() {
        Duration pause = FIRST_PAUSE;
        for (int turn = 0; !closed.get(); turn++) {
            String node = nodes.get(turn % nodes.size());
            try {
                boolean served = attempted(node);
                pause = served ? FIRST_PAUSE : longer(pause);
                told = served ? "" : told;
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Without this thread nobody would ever hear of this host again, so whatever goes wrong goes wrong once. */
    private boolean attempted(String node) throws InterruptedException {
        try {
            return serve(node);
        } catch (RuntimeException e) {
            LOG.error("The session with {} failed; another will be opened.", node, e);
            return false;
        }
    }

    private Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        Duration longest = unwanted ? LONGEST_PAUSE_UNWANTED : LONGEST_PAUSE;
        return doubled.compareTo(longest) > 0 ? longest : doubled;
    }

    private void turnedAway(Status status) {
        unwanted = switch (status.getCode()) {
            case FAILED_PRECONDITION, PERMISSION_DENIED, UNAUTHENTICATED -> true;
            default -> false;
        };
        String reason = String.valueOf(status.getDescription());
        if (!reason.equals(told)) {
            told = reason;
            receiver.turnedAway(status);
        }
    }

    /** @return true if a session was opened, whatever became of it */
    private boolean serve(String node) throws InterruptedException {
        Hello said = hello.get();
        ManagedChannel channel = channel(node);
        var session = new Session(node, channel, said);
        unwanted = false;
        try {
            AgentLinkGrpc.newStub(channel).withInterceptors(session).connect(session);
            session.send(FromAgent.newBuilder().setHello(said).build());
            return session.run();
        } finally {
            outbox.sendTo(entry -> {});
            channel.shutdownNow();
            if (!channel.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("The connection to {} did not end in time.", node);
            }
        }
    }

    private ManagedChannel channel(String node) {
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget(node).maxInboundMessageSize(LARGEST_MESSAGE_BYTES);
        return credentials == null
                ? builder.usePlaintext().build()
                : builder.sslContext(Tls.client(credentials)).build();
    }

    private static FromAgent message(FactOutbox.Entry entry) {
        return FromAgent.newBuilder()
                .setFact(FactReport.newBuilder()
                        .setVm(entry.vm().value())
                        .setStamp(VmCodec.encode(entry.stamp()))
                        .setFact(VmFactCodec.encode(entry.fact())))
                .build();
    }

    private static Duration duration(com.google.protobuf.Duration proto) {
        return Duration.ofSeconds(proto.getSeconds(), proto.getNanos());
    }

    /** One stream to one node. */
    private final class Session implements ClientResponseObserver<FromAgent, ToAgent>, ClientInterceptor {
        private final String node;
        private final ManagedChannel channel;
        private final Hello said;
        private final CompletableFuture<Welcome> welcome = new CompletableFuture<>();
        private final CompletableFuture<Status> end = new CompletableFuture<>();
        private final Object sending = new Object();
        private @Nullable ClientCallStreamObserver<FromAgent> requests;
        private volatile @Nullable ClientCall<?, ?> call;
        private volatile String id = "";
        private volatile long heardNanos = System.nanoTime();

        Session(String node, ManagedChannel channel, Hello said) {
            this.node = node;
            this.channel = channel;
            this.said = said;
        }

        /** The call knows its connection, and the stub shows nobody the call. */
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            ClientCall<Q, A> made = next.newCall(method, options);
            call = made;
            return made;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FromAgent> stream) {
            requests = stream;
        }

        private void send(FromAgent message) {
            synchronized (sending) {
                if (requests != null && !end.isDone()) {
                    requests.onNext(message);
                }
            }
        }

        private boolean run() throws InterruptedException {
            Welcome welcomed;
            try {
                welcomed = awaitWelcome();
            } catch (TimeoutException | ExecutionException e) {
                LOG.info("No session with {}: {}", node, LinkStatus.said(end.getNow(Status.DEADLINE_EXCEEDED)));
                return false;
            }
            LOG.info("Session {} with node {} at {}", welcomed.getSession(), welcomed.getNode(), node);
            outbox.sendTo(entry -> send(message(entry)));
            Duration silence = duration(welcomed.getSilenceLimit());
            long repeatAt = System.nanoTime();
            long beat = 0;
            while (!end.isDone() && !closed.get()) {
                if (System.nanoTime() - heardNanos > silence.toNanos()) {
                    LOG.warn("Node {} has been silent for {}: dialing another.", node, silence);
                    return true;
                }
                Untrusted distrust = distrust();
                if (distrust != null) {
                    LOG.warn("Node {} is not trusted any more: {}", node, distrust.getMessage());
                    return true;
                }
                if (System.nanoTime() - repeatAt >= 0) {
                    outbox.waiting().forEach(entry -> send(message(entry)));
                    repeatAt = System.nanoTime() + REPEAT.toNanos();
                }
                send(FromAgent.newBuilder()
                        .setHeartbeat(Heartbeat.newBuilder().setSequence(++beat))
                        .build());
                awaitEnd(Duration.ofMillis(Math.max(100, silence.toMillis() / 4)));
            }
            return true;
        }

        /** A connection outlives what its handshake was judged by: the node's certificate, and the CA that is trusted here. */
        private @Nullable Untrusted distrust() {
            ClientCall<?, ?> open = call;
            if (credentials == null || open == null) {
                return null;
            }
            try {
                Tls.requireNode(open.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION), credentials);
                return null;
            } catch (Untrusted e) {
                return e;
            }
        }

        private Welcome awaitWelcome() throws InterruptedException, ExecutionException, TimeoutException {
            try {
                return welcome.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (channel.getState(false) != ConnectivityState.READY) {
                    throw e;
                }
                // It is there, and asks this host's VMs for their floors.
                return welcome.get(WELCOME_LIMIT.minus(ANSWER_LIMIT).toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        private void awaitEnd(Duration limit) throws InterruptedException {
            try {
                Status status = end.get(limit.toMillis(), TimeUnit.MILLISECONDS);
                LOG.info("Session with {} ended: {}", node, status);
            } catch (TimeoutException e) {
                // Still open: that is what was hoped for.
                return;
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void onNext(ToAgent message) {
            heardNanos = System.nanoTime();
            switch (message.getMessageCase()) {
                case WELCOME -> welcomed(message.getWelcome());
                case ORDER -> order(message.getOrder());
                case ACKNOWLEDGED -> {
                    var vm = new VmId(message.getAcknowledged().getVm());
                    FactStamp stamp = VmCodec.decode(message.getAcknowledged().getStamp());
                    outbox.acknowledge(vm, stamp);
                    if (message.getAcknowledged().hasDisowned()) {
                        receiver.disowned(
                                vm,
                                stamp,
                                VmCodec.decode(message.getAcknowledged().getDisowned()));
                    } else {
                        receiver.acknowledged(vm, stamp);
                    }
                }
                case PROVE ->
                    receiver.prove(
                            message.getProve(),
                            proved -> send(
                                    FromAgent.newBuilder().setProved(proved).build()));
                case RELEASES -> receiver.releases(message.getReleases());
                case QUESTION -> {
                    String asked = message.getQuestion().getId();
                    receiver.question(
                            message.getQuestion(),
                            answer -> send(FromAgent.newBuilder()
                                    .setAnswer(answer.toBuilder().setId(asked))
                                    .build()));
                }
                case HEARTBEAT -> {}
                case MESSAGE_NOT_SET -> LOG.warn("Node {} sent a message that this agent does not know.", node);
            }
        }

        private void welcomed(Welcome answer) {
            // A node that does not say which version it chose is one that takes the offered one or none.
            int chosen = answer.getLinkVersion();
            if (chosen != 0
                    && !LinkVersions.said(said.getOldestLinkVersion(), said.getLinkVersion())
                            .contains(chosen)) {
                Status misunderstood = Status.FAILED_PRECONDITION.withDescription(
                        "LINK_VERSION: the node at %s chose version %d of the link, and this agent offered %d to %d"
                                .formatted(node, chosen, said.getOldestLinkVersion(), said.getLinkVersion()));
                turnedAway(misunderstood);
                end(misunderstood);
                return;
            }
            id = answer.getSession();
            receiver.welcomed(answer);
            welcome.complete(answer);
        }

        private void order(OrderMessage order) {
            if (id.isEmpty() || !order.getSession().equals(id)) {
                LOG.warn(
                        "Dropped an order for VM {} of session {}: this is session {}.",
                        order.getVm(),
                        order.getSession(),
                        id);
                return;
            }
            long startBefore = heardNanos + duration(order.getStartBefore()).toNanos();
            VmOrder known;
            try {
                known = VmOrderCodec.decode(order.getOrder());
            } catch (MalformedMessage e) {
                // The other VMs of this host have nothing to do with it, and without the session they would wait.
                LOG.warn(
                        "Dropped an order for VM {} that this agent does not understand; a node of a newer build sends what the agreed version does not"
                                + " have, or it is broken: {}",
                        order.getVm(),
                        e.getMessage());
                return;
            }
            receiver.order(new VmId(order.getVm()), known, startBefore);
        }

        @Override
        public void onError(Throwable failure) {
            Status status = Status.fromThrowable(failure);
            Untrusted untrusted = LinkStatus.untrusted(status);
            if (untrusted != null) {
                turnedAway(Status.UNAUTHENTICATED.withDescription(
                        "the node at " + node + " is not taken for one of this fleet: " + untrusted.getMessage()));
            }
            switch (status.getCode()) {
                case PERMISSION_DENIED, FAILED_PRECONDITION, ALREADY_EXISTS, INVALID_ARGUMENT, UNAUTHENTICATED ->
                    turnedAway(status);
                default -> {}
            }
            // Last: the thread that dials goes on.
            end(status);
        }

        @Override
        public void onCompleted() {
            end(Status.UNAVAILABLE.withDescription("the node ended the stream"));
        }

        private void end(Status status) {
            end.complete(status);
            welcome.completeExceptionally(status.asException());
        }
    }
}
