package dev.neurath.bench.rollout;

import dev.neurath.bench.BenchNode;
import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.FactReport;
import dev.neurath.proto.v1.FactStamp;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.Heartbeat;
import dev.neurath.proto.v1.Hello;
import dev.neurath.proto.v1.HostFacts;
import dev.neurath.proto.v1.OrderMessage;
import dev.neurath.proto.v1.ToAgent;
import dev.neurath.proto.v1.VmFact;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A host's side of the real link, with VMs that exist on paper: every order is obeyed at once and once, every fact repeated until it is acknowledged. What
 * is left out is the host, so that only the fleet's side is measured.
 */
final class PaperAgent implements AutoCloseable {
    private static final long BEAT_MILLIS = 500;

    private final String host;
    private final ManagedChannel channel;
    private final StreamObserver<FromAgent> toNode;
    private final Map<String, PaperVm> vms = new HashMap<>();
    private final Map<String, List<FactReport>> answers = new HashMap<>();
    private final Map<FactStamp, FactReport> unacknowledged = new LinkedHashMap<>();
    private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("paper-agent").factory());
    private String session = "";
    private long sequence;

    // A beat that fails breaks the link, which every rollout notices.
    @SuppressWarnings("FutureReturnValueIgnored")
    PaperAgent(String host, String node) {
        this.host = host;
        this.channel = ManagedChannelBuilder.forTarget(node).usePlaintext().build();
        this.toNode = AgentLinkGrpc.newStub(channel).connect(new FromNode());
        say(FromAgent.newBuilder()
                .setHello(Hello.newBuilder()
                        .setFleet(BenchNode.FLEET)
                        .setHost(host)
                        .setIncarnation(1)
                        .setBootId("boot-" + host)
                        .setLogUuid("00000000-0000-0000-0000-" + "%012x".formatted(host.hashCode() & 0xffffffffL))
                        .setLinkVersion(1)
                        .setAgentVersion("paper")
                        .setFacts(HostFacts.newBuilder()
                                .setCpus(64)
                                .setMemoryBytes(1L << 40)
                                .setFreeMemoryBytes(1L << 39)
                                .setFreeRamFilesBytes(1L << 39)
                                .setKernel("6.12")
                                .setAccel("kvm")))
                .build());
        beats.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private synchronized void say(FromAgent message) {
        toNode.onNext(message);
    }

    private synchronized void beat() {
        if (!session.isEmpty()) {
            say(FromAgent.newBuilder()
                    .setHeartbeat(Heartbeat.newBuilder().setSequence(++sequence))
                    .build());
            unacknowledged
                    .values()
                    .forEach(fact -> say(FromAgent.newBuilder().setFact(fact).build()));
        }
    }

    private synchronized void obey(OrderMessage order) {
        if (!order.getSession().equals(session)) {
            return;
        }
        String vm = order.getVm();
        String key = vm + " " + order.getOrder().getGeneration() + " "
                + order.getOrder().getOrderCase();
        List<FactReport> answer = answers.get(key);
        if (answer == null) {
            answer = vms.computeIfAbsent(vm, id -> new PaperVm(id, "boot-" + host)).obey(order.getOrder()).stream()
                    .map(fact -> report(vm, fact))
                    .toList();
            answers.put(key, answer);
        }
        answer.forEach(fact -> say(FromAgent.newBuilder().setFact(fact).build()));
    }

    private FactReport report(String vm, VmFact fact) {
        FactStamp stamp =
                FactStamp.newBuilder().setIncarnation(1).setSequence(++sequence).build();
        FactReport report =
                FactReport.newBuilder().setVm(vm).setStamp(stamp).setFact(fact).build();
        unacknowledged.put(stamp, report);
        return report;
    }

    /** Every guest was switched as often as the rollout says, and by nobody else. */
    synchronized long switches() {
        return vms.values().stream().mapToLong(PaperVm::switches).sum();
    }

    /** @throws IllegalStateException if the node ended the link */
    void check() {
        if (broken.get() != null) {
            throw new IllegalStateException("the link of " + host + " broke", broken.get());
        }
    }

    @Override
    public void close() {
        beats.shutdownNow();
        channel.shutdownNow();
    }

    private final class FromNode implements StreamObserver<ToAgent> {
        @Override
        public void onNext(ToAgent message) {
            synchronized (PaperAgent.this) {
                switch (message.getMessageCase()) {
                    case WELCOME -> session = message.getWelcome().getSession();
                    case ORDER -> obey(message.getOrder());
                    case ACKNOWLEDGED ->
                        unacknowledged.remove(message.getAcknowledged().getStamp());
                    default -> {
                        // Nothing on paper follows from the others.
                    }
                }
            }
        }

        @Override
        public void onError(Throwable failure) {
            broken.set(failure);
        }

        @Override
        public void onCompleted() {
            broken.set(new IllegalStateException("the node ended the stream"));
        }
    }
}
