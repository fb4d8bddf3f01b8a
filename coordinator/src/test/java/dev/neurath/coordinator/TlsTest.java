package dev.neurath.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.neurath.ca.CertificateAuthority;
import dev.neurath.codec.ReleaseCodec;
import dev.neurath.coordinator.node.Endpoint;
import dev.neurath.coordinator.node.Node;
import dev.neurath.coordinator.testing.ScriptedAgent;
import dev.neurath.coordinator.testing.TestFleet;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.Role;
import dev.neurath.identity.Tls;
import dev.neurath.model.FleetId;
import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.FleetGrpc;
import dev.neurath.proto.v1.FreezeRequest;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.GetVmRequest;
import dev.neurath.proto.v1.Hello;
import dev.neurath.proto.v1.HostFacts;
import dev.neurath.proto.v1.ListEventsRequest;
import dev.neurath.proto.v1.ListHostsRequest;
import dev.neurath.proto.v1.ListReleasesRequest;
import dev.neurath.proto.v1.ListVmsRequest;
import dev.neurath.proto.v1.Plan;
import dev.neurath.proto.v1.PlanRequest;
import dev.neurath.proto.v1.Refusal;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.RolloutsGrpc;
import dev.neurath.proto.v1.Start;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.ThawRequest;
import dev.neurath.proto.v1.ToAgent;
import dev.neurath.proto.v1.VmPhase;
import dev.neurath.proto.v1.WatchRequest;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that speak TLS, and everybody who might knock. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final List<ManagedChannel> channels = new ArrayList<>();
    private Path directory;
    private CertificateAuthority ca;
    private TestFleet fleet;
    private TestFleet.TestNode node;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        ca = CertificateAuthority.init(directory.resolve("ca"), new FleetId("test"), Instant.now());
        fleet = TestFleet.create(directory);
        node = fleet.addNode(tls(ca, "n1"));
        fleet.addNode(tls(ca, "n2"));
    }

    @AfterAll
    void stop() throws Exception {
        channels.forEach(ManagedChannel::shutdownNow);
        fleet.close();
    }

    private Map<String, String> tls(CertificateAuthority by, String name) throws Exception {
        Path out = directory.resolve("node-" + by.hashCode() + name);
        by.issue(Role.NODE, name, List.of("127.0.0.1"), DAY, out, Instant.now());
        return Map.of(
                "neurath.tls", out.toString(),
                "neurath.plaintext", "false",
                "neurath.metrics.address", "127.0.0.1:0");
    }

    private Credentials issued(Role role, String name) throws Exception {
        return issued(ca, role, name, Instant.now());
    }

    private Credentials issued(CertificateAuthority by, Role role, String name, Instant at) throws Exception {
        Path out = directory.resolve(by.hashCode() + "-" + role + "-" + name);
        by.issue(role, name, List.of(), DAY, out, at);
        return Credentials.read(out);
    }

    /** Shows {@code shown}, and takes this fleet's nodes for what they are whatever that is. */
    private ManagedChannel dial(Credentials shown) throws Exception {
        Credentials right = issued(Role.VIEW, "right");
        var mixed = new Credentials(right.self(), shown.key(), shown.chain(), right.authorities(), List.of());
        return opened(NettyChannelBuilder.forTarget(node.api())
                .sslContext(Tls.client(() -> mixed))
                .build());
    }

    private ManagedChannel withoutCertificate() throws Exception {
        var trust = TlsChannelCredentials.newBuilder()
                .trustManager(directory.resolve("ca/ca.pem").toFile())
                .build();
        return opened(Grpc.newChannelBuilder(node.api(), trust).build());
    }

    private ManagedChannel opened(ManagedChannel channel) {
        channels.add(channel);
        return channel;
    }

    private static void listVms(ManagedChannel channel) {
        FleetGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .listVms(ListVmsRequest.getDefaultInstance());
    }

    private static Refusal refused(Status.Code code, ThrowingCallable call) throws Exception {
        var failure = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(failure.getStatus().getCode())
                .as(String.valueOf(failure.getStatus()))
                .isEqualTo(code);
        var details = Objects.requireNonNull(StatusProto.fromThrowable(failure));
        Refusal refusal = details.getDetails(0).unpack(Refusal.class);
        assertThat(refusal.getWayOut()).isNotBlank();
        return refusal;
    }

    @Test
    void without_a_certificate_nothing_answers_but_health() throws Exception {
        ManagedChannel channel = withoutCertificate();
        assertThat(HealthGrpc.newBlockingStub(channel)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        assertThat(refused(Status.Code.UNAUTHENTICATED, () -> listVms(channel)).getCode())
                .isEqualTo("CERTIFICATE_MISSING");
        assertThat(refused(
                                Status.Code.UNAUTHENTICATED,
                                () -> RolloutsGrpc.newBlockingStub(channel)
                                        .freeze(FreezeRequest.newBuilder()
                                                .setReason("x")
                                                .build()))
                        .getCode())
                .isEqualTo("CERTIFICATE_MISSING");
        assertThat(said(connect(channel, "h1"))).contains("No certificate was shown");
    }

    @Test
    void plaintext_is_not_understood() {
        ManagedChannel channel =
                opened(NettyChannelBuilder.forTarget(node.api()).usePlaintext().build());
        assertThatThrownBy(() -> listVms(channel)).hasMessageContaining("UNAVAILABLE");
    }

    @Test
    void a_certificate_of_another_fleet_is_told_both_fleets() throws Exception {
        var other = CertificateAuthority.init(directory.resolve("other-ca"), new FleetId("other"), Instant.now());
        ManagedChannel channel = dial(issued(other, Role.ADMIN, "eve", Instant.now()));
        Refusal refusal = refused(Status.Code.UNAUTHENTICATED, () -> listVms(channel));
        assertThat(refusal.getCode()).isEqualTo("CERTIFICATE_OF_ANOTHER_FLEET");
        assertThat(refusal.getSentence()).contains("other").contains("test");
    }

    @Test
    void an_expired_certificate_is_told_since_when() throws Exception {
        ManagedChannel channel =
                dial(issued(ca, Role.ADMIN, "late", Instant.now().minus(Duration.ofDays(3))));
        Refusal refusal = refused(Status.Code.UNAUTHENTICATED, () -> listVms(channel));
        assertThat(refusal.getCode()).isEqualTo("CERTIFICATE_EXPIRED");
        assertThat(refusal.getWayOut()).contains("neurath ca issue");
    }

    @Test
    void a_lesser_role_is_told_the_role_it_takes() throws Exception {
        ManagedChannel viewer = dial(issued(Role.VIEW, "vera"));
        listVms(viewer);
        Refusal freeze = refused(
                Status.Code.PERMISSION_DENIED,
                () -> RolloutsGrpc.newBlockingStub(viewer)
                        .freeze(FreezeRequest.newBuilder().setReason("x").build()));
        assertThat(freeze.getCode()).isEqualTo("ROLE_TOO_LOW");
        assertThat(freeze.getSentence()).contains("role operate").contains("vera");
        ManagedChannel operator = dial(issued(Role.OPERATE, "otto"));
        Refusal register = refused(
                Status.Code.PERMISSION_DENIED,
                () -> FleetGrpc.newBlockingStub(operator)
                        .registerRelease(RegisterReleaseRequest.newBuilder()
                                .setRelease(TestFleet.release("qemu-x", "1"))
                                .build()));
        assertThat(register.getSentence()).contains("role admin");
    }

    @Test
    void events_name_whom_the_certificate_names_whatever_the_caller_says() throws Exception {
        ManagedChannel operator = dial(issued(Role.OPERATE, "otto@example.org"));
        RolloutsGrpc.newBlockingStub(operator)
                .freeze(FreezeRequest.newBuilder().setReason("a test").build());
        RolloutsGrpc.newBlockingStub(operator).thaw(ThawRequest.getDefaultInstance());
        List<Event> events = EventFeedGrpc.newBlockingStub(operator)
                .list(ListEventsRequest.newBuilder()
                        .setStart(Start.newBuilder().setOldest(true))
                        .build())
                .getEventsList();
        assertThat(events)
                .extracting(Event::getActor)
                .contains("otto@example.org")
                .doesNotContain("local");
    }

    @Test
    void an_agent_opens_its_own_hosts_link_and_nothing_else() throws Exception {
        ManagedChannel agent = dial(issued(Role.AGENT, "h1"));
        assertThat(refused(Status.Code.PERMISSION_DENIED, () -> listVms(agent)).getSentence())
                .contains("role view")
                .contains("role agent");
        assertThat(said(connect(agent, "h2")))
                .contains("CERTIFICATE_OF_ANOTHER_HOST")
                .contains("h1")
                .contains("h2");
        assertThat(connect(agent, "h1").get(20, TimeUnit.SECONDS)).isEqualTo("WELCOME");
        ManagedChannel admin = dial(issued(Role.ADMIN, "ann"));
        assertThat(said(connect(admin, "h1"))).contains("needs role agent");
    }

    @Test
    void a_release_is_registered_only_as_it_was_signed() throws Exception {
        ManagedChannel admin = dial(issued(Role.ADMIN, "ann"));
        Release unsigned = TestFleet.release("qemu-signed", "1");
        assertThat(refused(Status.Code.FAILED_PRECONDITION, () -> register(admin, unsigned))
                        .getCode())
                .isEqualTo("RELEASE_UNSIGNED");
        Release signed = ReleaseCodec.encode(ca.sign(ReleaseCodec.decode(unsigned)));
        Release tampered =
                signed.toBuilder().putEnvironment("LD_PRELOAD", "/tmp/x").build();
        assertThat(refused(Status.Code.FAILED_PRECONDITION, () -> register(admin, tampered))
                        .getCode())
                .isEqualTo("RELEASE_SIGNATURE_WRONG");
        register(admin, signed);
        assertThat(FleetGrpc.newBlockingStub(admin)
                        .listReleases(ListReleasesRequest.getDefaultInstance())
                        .getReleasesList())
                .filteredOn(release -> release.getId().equals(signed.getId()))
                .containsExactly(signed);
    }

    @Test
    void a_plan_for_somebody_who_only_looks_asks_no_agent_anything() throws Exception {
        ManagedChannel admin = dial(issued(Role.ADMIN, "ann"));
        for (String release : List.of("looks-1", "looks-2")) {
            register(admin, ReleaseCodec.encode(ca.sign(ReleaseCodec.decode(TestFleet.release(release, release)))));
        }
        Credentials agents = issued(Role.AGENT, "looks");
        try (var agent = new ScriptedAgent(
                "test",
                "looks",
                Map.of(),
                () -> List.of(node.api()),
                release -> release,
                address -> NettyChannelBuilder.forTarget(address)
                        .sslContext(Tls.client(() -> agents))
                        .build())) {
            ManagedChannel operator = dial(issued(Role.OPERATE, "otto"));
            fleet.await("its agent is there", () -> isConnected(operator, "looks"));
            FleetGrpc.newBlockingStub(operator)
                    .startVm(StartVmRequest.newBuilder()
                            .setSpec(TestFleet.spec("looked-at").toBuilder().setRelease("looks-1"))
                            .setHost("looks")
                            .build());
            fleet.await(
                    "its VM runs",
                    () -> FleetGrpc.newBlockingStub(operator)
                                    .getVm(GetVmRequest.newBuilder()
                                            .setId("looked-at")
                                            .build())
                                    .getPhase()
                            == VmPhase.VM_PHASE_STEADY);

            Plan looked = planned(dial(issued(Role.VIEW, "vera")));
            assertThat(agent.asked()).isZero();
            assertThat(looked.getWavesList()).isNotEmpty();
            // What the viewer was not to ask is still to be asked.
            planned(operator);
            assertThat(agent.asked()).isEqualTo(1);
        }
    }

    private static boolean isConnected(ManagedChannel channel, String host) {
        return FleetGrpc.newBlockingStub(channel)
                .listHosts(ListHostsRequest.getDefaultInstance())
                .getHostsList()
                .stream()
                .anyMatch(h -> h.getId().equals(host) && h.getState().equals("CONNECTED"));
    }

    private static Plan planned(ManagedChannel channel) {
        String yaml = """
                apiVersion: neurath/v1
                kind: Rollout
                metadata: { name: looks }
                release: { qemu: looks-2 }
                select: { vms: "id in (looked-at)" }
                """;
        return RolloutsGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .plan(PlanRequest.newBuilder().setYaml(yaml).build())
                .getPlan();
    }

    private static void register(ManagedChannel channel, Release release) {
        FleetGrpc.newBlockingStub(channel)
                .registerRelease(
                        RegisterReleaseRequest.newBuilder().setRelease(release).build());
    }

    @Test
    void a_stream_ends_with_the_certificate_that_opened_it() throws Exception {
        Path out = directory.resolve("short");
        ca.issue(Role.VIEW, "short", List.of(), Duration.ofSeconds(4), out, Instant.now());
        Iterator<WatchResponse> stream = EventFeedGrpc.newBlockingStub(dial(Credentials.read(out)))
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .watch(WatchRequest.newBuilder()
                        .setStart(Start.newBuilder().setOldest(true))
                        .build());
        assertThat(refused(Status.Code.UNAUTHENTICATED, () -> stream.forEachRemaining(event -> {}))
                        .getCode())
                .isEqualTo("CERTIFICATE_EXPIRED");
    }

    @Test
    void a_node_of_another_ca_does_not_join() throws Exception {
        var impostor = CertificateAuthority.init(directory.resolve("impostor"), new FleetId("test"), Instant.now());
        var settings = new java.util.HashMap<>(tls(impostor, "n3"));
        settings.put("neurath.start.cluster-patience", "6s");
        assertThatThrownBy(() -> fleet.addNode(settings)).hasMessageContaining("not ready");
    }

    @Test
    void health_by_http_needs_no_certificate() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String path : List.of("healthz", "readyz")) {
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("http://" + node.node().httpEndpoint() + "/" + path))
                        .build();
                assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void metrics_are_told_to_certificates_that_may_look() throws Exception {
        String metrics = "https://" + node.node().metricsEndpoint().orElseThrow() + "/metrics";
        assertThat(status("http://" + node.node().httpEndpoint() + "/metrics", null))
                .isEqualTo(403);
        assertThat(status(metrics, issued(Role.VIEW, "prometheus"))).isEqualTo(200);
        assertThat(status(metrics, issued(Role.AGENT, "h1"))).isEqualTo(403);
        Credentials late = issued(ca, Role.VIEW, "late", Instant.now().minus(Duration.ofDays(3)));
        assertThat(status(metrics, late)).isEqualTo(401);
    }

    @Test
    void a_view_that_has_all_is_not_behind() throws Exception {
        String metrics = "https://" + node.node().metricsEndpoint().orElseThrow() + "/metrics";
        Credentials viewer = issued(Role.VIEW, "prometheus");
        fleet.await("no lag", () -> said(metrics, viewer).contains("\nneurath_feed_lag_seconds 0.0\n"));
    }

    private static String said(String url, Credentials shown) {
        try {
            return answer(url, shown).body();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int status(String url, @Nullable Credentials shown) throws Exception {
        return answer(url, shown).statusCode();
    }

    private static HttpResponse<String> answer(String url, @Nullable Credentials shown)
            throws IOException, InterruptedException {
        HttpClient.Builder builder = HttpClient.newBuilder();
        if (shown != null) {
            builder.sslContext(Tls.betweenNodes(() -> shown));
        }
        try (HttpClient client = builder.build()) {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void no_port_speaks_an_older_tls() throws Exception {
        Credentials other = issued(Role.NODE, "n9");
        SSLContext context = Tls.betweenNodes(() -> other);
        Node started = node.node();
        for (Endpoint port : List.of(
                started.apiEndpoint(),
                started.metricsEndpoint().orElseThrow(),
                started.settingsWithActualAddresses().cluster())) {
            assertThat(spoken(context, port, "TLSv1.3")).isEqualTo("TLSv1.3");
            assertThatThrownBy(() -> spoken(context, port, "TLSv1.2"))
                    .as("%s", port)
                    .isInstanceOf(IOException.class);
        }
    }

    private static String spoken(SSLContext context, Endpoint port, String protocol) throws IOException {
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket(port.host(), port.port())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {protocol});
            // gRPC asks for it.
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket.getSession().getProtocol();
        }
    }

    @Test
    void the_ready_line_names_where_metrics_are_told() {
        assertThat(node.node().readyLine())
                .contains(" metrics " + node.node().metricsEndpoint().orElseThrow() + " cluster ");
    }

    @Test
    void garbage_and_what_is_too_large_are_refused_and_the_node_goes_on() throws Exception {
        ManagedChannel viewer = dial(issued(Role.VIEW, "vera"));
        for (String method :
                List.of("neurath.v1.Fleet/ListVms", "neurath.v1.Rollouts/Plan", "neurath.v1.EventFeed/List")) {
            byte[] garbage = new byte[200];
            new Random(method.hashCode()).nextBytes(garbage);
            garbage[0] = 10;
            garbage[1] = (byte) 0xff;
            assertThatThrownBy(() -> raw(viewer, method, garbage)).isInstanceOf(StatusRuntimeException.class);
            assertThatThrownBy(() -> raw(viewer, method, new byte[65 << 20]))
                    .isInstanceOf(StatusRuntimeException.class);
        }
        listVms(viewer);
    }

    private static void raw(ManagedChannel channel, String method, byte[] message) {
        var descriptor = MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(method)
                .build();
        ClientCalls.blockingUnaryCall(
                channel, descriptor, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), message);
    }

    private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String said(CompletableFuture<String> answer) throws Exception {
        return answer.get(20, TimeUnit.SECONDS);
    }

    /** @return what the first answer is, or how the stream ended */
    private static CompletableFuture<String> connect(ManagedChannel channel, String host) {
        var answer = new CompletableFuture<String>();
        StreamObserver<FromAgent> toNode = AgentLinkGrpc.newStub(channel).connect(new StreamObserver<>() {
            @Override
            public void onNext(ToAgent message) {
                answer.complete(message.getMessageCase().name());
            }

            @Override
            public void onError(Throwable failure) {
                answer.complete(String.valueOf(Status.fromThrowable(failure)));
            }

            @Override
            public void onCompleted() {
                answer.complete("completed");
            }
        });
        toNode.onNext(FromAgent.newBuilder()
                .setHello(Hello.newBuilder()
                        .setFleet("test")
                        .setHost(host)
                        .setIncarnation(1)
                        .setBootId("boot")
                        .setLogUuid("00000000-0000-0000-0000-000000000001")
                        .setLinkVersion(1)
                        .setFacts(HostFacts.newBuilder()
                                .setCpus(1)
                                .setMemoryBytes(1 << 30)
                                .setAccel("tcg")))
                .build());
        return answer;
    }
}
