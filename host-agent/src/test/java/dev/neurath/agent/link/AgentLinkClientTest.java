package dev.neurath.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.ca.CertificateAuthority;
import dev.neurath.codec.VmOrderCodec;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.Role;
import dev.neurath.identity.Tls;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.Hello;
import dev.neurath.proto.v1.Inspect;
import dev.neurath.proto.v1.Inspection;
import dev.neurath.proto.v1.OrderMessage;
import dev.neurath.proto.v1.Question;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.proto.v1.ToAgent;
import dev.neurath.proto.v1.Welcome;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AgentLinkClientTest {
    private static final VmOrder SWITCH = new VmOrder.Switch(new Generation(3));

    private final List<String> reasons = new CopyOnWriteArrayList<>();
    private final Semaphore told = new Semaphore(0);
    private final LinkedBlockingQueue<String> welcomed = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<VmId> ordered = new LinkedBlockingQueue<>();

    @Test
    void a_fleet_that_does_not_want_the_agent_says_so_once_for_each_reason() throws Exception {
        var dialed = new CountDownLatch(5);
        Server node = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(new AgentLinkGrpc.AgentLinkImplBase() {
                    @Override
                    public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> agent) {
                        String reason = dialed.getCount() > 2 ? "OTHER_FLEET" : "LINK_VERSION";
                        agent.onError(Status.FAILED_PRECONDITION
                                .withDescription(reason)
                                .asRuntimeException());
                        dialed.countDown();
                        return new Ignored();
                    }
                })
                .build()
                .start();
        var client = new AgentLinkClient(
                List.of("127.0.0.1:" + node.getPort()), null, Hello::getDefaultInstance, new FactOutbox(1), new Told());
        try {
            client.start();
            assertThat(dialed.await(40, TimeUnit.SECONDS)).isTrue();
        } finally {
            client.close();
            node.shutdownNow();
        }
        assertThat(reasons).containsExactly("OTHER_FLEET", "LINK_VERSION");
    }

    @Test
    void a_host_whose_facts_cannot_be_read_now_dials_again() throws Exception {
        var dialled = new CountDownLatch(3);
        var client = new AgentLinkClient(
                List.of("127.0.0.1:1"),
                null,
                () -> {
                    dialled.countDown();
                    throw new UncheckedIOException("no facts", new IOException("out of descriptors"));
                },
                new FactOutbox(1),
                new Told());
        client.start();
        try {
            assertThat(dialled.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            client.close();
        }
    }

    @Test
    void an_answer_comes_back_under_the_number_of_its_question() throws Exception {
        var answers = new LinkedBlockingQueue<Answer>();
        Server node = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(new AgentLinkGrpc.AgentLinkImplBase() {
                    @Override
                    public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> agent) {
                        agent.onNext(ToAgent.newBuilder()
                                .setQuestion(Question.newBuilder().setId("7").setInspect(Inspect.getDefaultInstance()))
                                .build());
                        return new Ignored() {
                            @Override
                            public void onNext(FromAgent message) {
                                if (message.hasAnswer()) {
                                    answers.add(message.getAnswer());
                                }
                            }
                        };
                    }
                })
                .build()
                .start();
        var client = new AgentLinkClient(
                List.of("127.0.0.1:" + node.getPort()), null, Hello::getDefaultInstance, new FactOutbox(1), new Told());
        try {
            client.start();
            Answer answer = answers.poll(30, TimeUnit.SECONDS);
            assertThat(answer).isNotNull();
            assertThat(answer.getId()).isEqualTo("7");
            assertThat(answer.hasInspection()).isTrue();
        } finally {
            client.close();
            node.shutdownNow();
        }
    }

    @Test
    void a_version_that_was_not_offered_is_turned_away_and_none_said_is_the_offered_one() throws Exception {
        var versions = new LinkedBlockingQueue<>(List.of(3, 0));
        Server node = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(new AgentLinkGrpc.AgentLinkImplBase() {
                    @Override
                    public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> agent) {
                        return new Ignored() {
                            @Override
                            public void onNext(FromAgent message) {
                                Integer version = message.hasHello() ? versions.poll() : null;
                                if (version != null) {
                                    agent.onNext(welcome("s" + version, version));
                                }
                            }
                        };
                    }
                })
                .build()
                .start();
        var client = new AgentLinkClient(
                List.of("127.0.0.1:" + node.getPort()),
                null,
                AgentLinkClientTest::hello,
                new FactOutbox(1),
                new Told());
        try {
            client.start();
            assertThat(welcomed.poll(30, TimeUnit.SECONDS)).isEqualTo("s0");
        } finally {
            client.close();
            node.shutdownNow();
        }
        assertThat(reasons)
                .singleElement()
                .asString()
                .startsWith("LINK_VERSION")
                .contains("chose version 3")
                .contains("offered 1 to 2");
    }

    @Test
    void an_order_of_a_kind_that_is_not_known_is_dropped_and_the_others_are_taken() throws Exception {
        Server node = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(new AgentLinkGrpc.AgentLinkImplBase() {
                    @Override
                    public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> agent) {
                        return new Ignored() {
                            @Override
                            public void onNext(FromAgent message) {
                                if (message.hasHello()) {
                                    agent.onNext(welcome("s", 2));
                                    agent.onNext(order("strange", dev.neurath.proto.v1.VmOrder.getDefaultInstance()));
                                    agent.onNext(order("known", VmOrderCodec.encode(SWITCH)));
                                }
                            }
                        };
                    }
                })
                .build()
                .start();
        var client = new AgentLinkClient(
                List.of("127.0.0.1:" + node.getPort()),
                null,
                AgentLinkClientTest::hello,
                new FactOutbox(1),
                new Told());
        try {
            client.start();
            assertThat(ordered.poll(30, TimeUnit.SECONDS)).isEqualTo(new VmId("known"));
            assertThat(welcomed).hasSize(1);
        } finally {
            client.close();
            node.shutdownNow();
        }
    }

    private static Hello hello() {
        return Hello.newBuilder().setOldestLinkVersion(1).setLinkVersion(2).build();
    }

    private static ToAgent welcome(String session, int version) {
        return ToAgent.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setSession(session)
                        .setNode("n1")
                        .setLinkVersion(version)
                        .setSilenceLimit(
                                com.google.protobuf.Duration.newBuilder().setSeconds(20)))
                .build();
    }

    private static ToAgent order(String vm, dev.neurath.proto.v1.VmOrder order) {
        return ToAgent.newBuilder()
                .setOrder(OrderMessage.newBuilder().setSession("s").setVm(vm).setOrder(order))
                .build();
    }

    @Test
    void a_session_ends_when_the_ca_of_its_node_is_dropped(@TempDir Path directory) throws Exception {
        var ca = CertificateAuthority.init(directory.resolve("ca"), new FleetId("eu-1"), Instant.now());
        Credentials node = issued(ca, Role.NODE, directory.resolve("n1"));
        var own = new AtomicReference<>(issued(ca, Role.AGENT, directory.resolve("h1")));
        var beats = new Semaphore(0);
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(Tls.server(() -> node))
                .addService(new Answering(beats))
                .build()
                .start();
        var client = new AgentLinkClient(
                List.of("127.0.0.1:" + server.getPort()),
                own::get,
                Hello::getDefaultInstance,
                new FactOutbox(1),
                new Told());
        try {
            client.start();
            assertThat(beats.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
            assertThat(reasons).isEmpty();
            ca.rotate(Instant.now());
            ca.dropOld();
            own.set(issued(ca, Role.AGENT, directory.resolve("h1")));
            assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            client.close();
            server.shutdownNow();
        }
        assertThat(reasons).first().asString().contains("CERTIFICATE_NOT_OF_THIS_CA");
    }

    private static Credentials issued(CertificateAuthority ca, Role role, Path out) throws Exception {
        String name = String.valueOf(out.getFileName());
        ca.issue(role, name, List.of(), Duration.ofDays(1), out, Instant.now());
        return Credentials.read(out);
    }

    /** Welcomes, and answers each heartbeat, so that its silence ends no session. */
    private static final class Answering extends AgentLinkGrpc.AgentLinkImplBase {
        private final Semaphore beats;

        Answering(Semaphore beats) {
            this.beats = beats;
        }

        @Override
        public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> agent) {
            return new Ignored() {
                @Override
                public void onNext(FromAgent message) {
                    if (message.hasHello()) {
                        agent.onNext(ToAgent.newBuilder()
                                .setWelcome(Welcome.newBuilder()
                                        .setSession("s")
                                        .setNode("n1")
                                        .setSilenceLimit(com.google.protobuf.Duration.newBuilder()
                                                .setSeconds(4)))
                                .build());
                    } else if (message.hasHeartbeat()) {
                        agent.onNext(ToAgent.newBuilder()
                                .setHeartbeat(message.getHeartbeat())
                                .build());
                        beats.release();
                    }
                }
            };
        }
    }

    private static class Ignored implements StreamObserver<FromAgent> {
        @Override
        public void onNext(FromAgent message) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    private final class Told implements AgentLinkClient.Receiver {
        @Override
        public void welcomed(Welcome welcome) {
            welcomed.add(welcome.getSession());
        }

        @Override
        public void order(VmId vm, VmOrder order, long startBeforeNanos) {
            ordered.add(vm);
        }

        @Override
        public void acknowledged(VmId vm, FactStamp stamp) {}

        @Override
        public void disowned(VmId vm, FactStamp stamp, Refusal why) {}

        @Override
        public void releases(ReleaseCatalog releases) {}

        @Override
        public void question(Question question, Consumer<Answer> answer) {
            answer.accept(Answer.newBuilder()
                    .setInspection(Inspection.getDefaultInstance())
                    .build());
        }

        @Override
        public void turnedAway(Status status) {
            reasons.add(String.valueOf(status.getDescription()));
            told.release();
        }
    }
}
