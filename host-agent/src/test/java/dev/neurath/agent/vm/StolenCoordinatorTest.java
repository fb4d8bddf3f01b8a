package dev.neurath.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.neurath.agent.AgentOptions;
import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.ca.CertificateAuthority;
import dev.neurath.codec.ReleaseCodec;
import dev.neurath.identity.Credentials;
import dev.neurath.identity.ReleaseTrust;
import dev.neurath.identity.Role;
import dev.neurath.identity.Tls;
import dev.neurath.model.FleetId;
import dev.neurath.model.ReleaseId;
import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.OrderMessage;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.proto.v1.ToAgent;
import dev.neurath.proto.v1.VmOrder;
import dev.neurath.proto.v1.VmSpec;
import dev.neurath.proto.v1.Welcome;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A coordinator whose key is in wrong hands orders what it likes, over TLS that the agent has every reason to believe. The program that it would have
 * executed leaves a trace if it ever runs.
 */
@Timeout(60)
class StolenCoordinatorTest {
    /** Of this run's own: an agent of the same name and fleet may be at work on this machine. */
    private static final FleetId FLEET =
            new FleetId("stolen-" + ProcessHandle.current().pid());

    private final BlockingQueue<String> refusals = new LinkedBlockingQueue<>();
    private final CountDownLatch hello = new CountDownLatch(1);
    private Path place;
    private Path trace;
    private Path program;
    private CertificateAuthority ca;
    private @Nullable Server server;
    private @Nullable Agent agent;

    @BeforeEach
    void found() throws Exception {
        place = Files.createTempDirectory(Path.of("/dev/shm"), "neu");
        trace = place.resolve("trace");
        program = script("qemu", "exit 1");
        ca = CertificateAuthority.init(place.resolve("ca"), FLEET, Instant.now());
    }

    @AfterEach
    void end() throws Exception {
        if (agent != null) {
            agent.close();
        }
        if (server != null) {
            server.shutdownNow();
        }
        try (Stream<Path> left = Files.walk(place)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void a_release_that_was_changed_after_it_was_signed_is_not_executed() throws Exception {
        Release signed = signed();
        Path other = script("other", "touch " + trace);
        order(signed.toBuilder()
                .setArgvPrefix(0, other.toString())
                .setFiles(0, file(other))
                .build());
        assertThat(refusal()).isEqualTo("RELEASE_SIGNATURE_WRONG");
        assertThat(trace).doesNotExist();
    }

    @Test
    void a_release_that_nobody_signed_is_not_executed() throws Exception {
        Path other = script("other", "touch " + trace);
        order(release(other));
        assertThat(refusal()).isEqualTo("RELEASE_UNSIGNED");
        assertThat(trace).doesNotExist();
    }

    @Test
    void a_file_that_was_changed_after_the_registration_is_not_executed() throws Exception {
        Release signed = signed();
        script("qemu", "touch " + trace);
        order(signed);
        assertThat(refusal()).isEqualTo("RELEASE_WRONG_HASH");
        assertThat(trace).doesNotExist();
    }

    @Test
    void what_is_signed_and_whole_may_be_executed() throws Exception {
        ca.issue(Role.AGENT, "h1", List.of(), java.time.Duration.ofDays(1), place.resolve("h1"), Instant.now());
        Credentials own = Credentials.read(place.resolve("h1"));
        var shelf = new ReleaseShelf(ReleaseTrust.of(() -> own));
        shelf.take(ReleaseCatalog.newBuilder().addReleases(signed()).build());
        assertThat(shelf.verified(new ReleaseId("q-1")).argvPrefix()).containsExactly(program.toString());
    }

    @Test
    void a_node_of_another_fleet_is_not_even_told_hello() throws Exception {
        var other = CertificateAuthority.init(place.resolve("other-ca"), new FleetId("us-1"), Instant.now());
        start(other, ReleaseCatalog.getDefaultInstance(), "");
        assertThat(hello.await(2, TimeUnit.SECONDS)).isFalse();
    }

    private String refusal() throws InterruptedException {
        return String.valueOf(refusals.poll(30, TimeUnit.SECONDS));
    }

    private void order(Release release) throws Exception {
        start(ca, ReleaseCatalog.newBuilder().addReleases(release).build(), release.getId());
    }

    private void start(CertificateAuthority nodes, ReleaseCatalog catalog, String release) throws Exception {
        nodes.issue(Role.NODE, "n1", List.of(), java.time.Duration.ofDays(1), place.resolve("n1"), Instant.now());
        Credentials node = Credentials.read(place.resolve("n1"));
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(Tls.server(() -> node))
                .addService(new Stolen(catalog, release))
                .build()
                .start();
        ca.issue(Role.AGENT, "h1", List.of(), java.time.Duration.ofDays(1), place.resolve("h1"), Instant.now());
        agent = Agent.start(
                AgentOptions.parse(
                        List.of(
                                "--host=h1",
                                "--coordinator=127.0.0.1:" + server.getPort(),
                                "--tls=" + place.resolve("h1"),
                                "--state=" + place.resolve("s"),
                                "--run=" + place.resolve("r"),
                                "--ram=" + place.resolve("m")),
                        Map.of()),
                HoldPoints.NONE);
    }

    private Release signed() throws Exception {
        return ReleaseCodec.encode(ca.sign(ReleaseCodec.decode(release(program))));
    }

    private static Release release(Path program) throws Exception {
        return Release.newBuilder()
                .setId("q-1")
                .setVersion("1.0")
                .addArgvPrefix(program.toString())
                .addFiles(file(program))
                .build();
    }

    private static Release.File file(Path program) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(program));
        return Release.File.newBuilder()
                .setPath(program.toString())
                .setSha256(HexFormat.of().formatHex(hash))
                .build();
    }

    private Path script(String name, String does) throws IOException {
        Path script = Files.writeString(place.resolve(name), "#!/bin/sh\n" + does + "\n");
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    /** Welcomes, says what may be executed, and orders it. */
    private final class Stolen extends AgentLinkGrpc.AgentLinkImplBase {
        private final ReleaseCatalog catalog;
        private final String release;

        Stolen(ReleaseCatalog catalog, String release) {
            this.catalog = catalog;
            this.release = release;
        }

        @Override
        public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> toAgent) {
            return new StreamObserver<>() {
                @Override
                public void onNext(FromAgent message) {
                    if (message.hasHello()) {
                        hello.countDown();
                        toAgent.onNext(ToAgent.newBuilder()
                                .setWelcome(Welcome.newBuilder()
                                        .setSession("stolen")
                                        .setNode("n1")
                                        .setSilenceLimit(Duration.newBuilder().setSeconds(60)))
                                .build());
                        toAgent.onNext(ToAgent.newBuilder().setReleases(catalog).build());
                        toAgent.onNext(start());
                    } else if (message.hasFact() && message.getFact().getFact().hasStartFailed()) {
                        refusals.add(message.getFact()
                                .getFact()
                                .getStartFailed()
                                .getRefusal()
                                .getCode());
                    }
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {}
            };
        }

        private ToAgent start() {
            return ToAgent.newBuilder()
                    .setOrder(OrderMessage.newBuilder()
                            .setSession("stolen")
                            .setVm("vm-1")
                            .setStartBefore(Duration.newBuilder().setSeconds(30))
                            .setOrder(VmOrder.newBuilder()
                                    .setGeneration(1)
                                    .setStart(VmOrder.Start.newBuilder()
                                            .setSpec(VmSpec.newBuilder()
                                                    .setId("vm-1")
                                                    .setRelease(release)
                                                    .setMachine("pc-q35-7.2")
                                                    .setCpu("qemu64")
                                                    .setAccel("tcg")
                                                    .setVcpus(1)
                                                    .setMemoryBytes(32L << 20)
                                                    .setBoot(VmSpec.Boot.newBuilder()
                                                            .setKernel("/nowhere"))
                                                    .setPauseBudget(Duration.newBuilder()
                                                            .setSeconds(1))))))
                    .build();
        }
    }
}
