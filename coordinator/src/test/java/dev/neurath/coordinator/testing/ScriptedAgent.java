package dev.neurath.coordinator.testing;

import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.FactReport;
import dev.neurath.proto.v1.FactStamp;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.Heartbeat;
import dev.neurath.proto.v1.Hello;
import dev.neurath.proto.v1.HostFacts;
import dev.neurath.proto.v1.OrderMessage;
import dev.neurath.proto.v1.Proof;
import dev.neurath.proto.v1.Prove;
import dev.neurath.proto.v1.Proved;
import dev.neurath.proto.v1.ToAgent;
import dev.neurath.proto.v1.VmFact;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An agent that keeps its side of the link over real gRPC, with guests that exist on paper: it dials any node, repeats facts until they are
 * acknowledged, and does to each VM what the test's script says.
 */
public final class ScriptedAgent implements AutoCloseable {
    private static final long EVERY_MILLIS = 250;

    private final String fleet;
    private final String host;
    private final Map<String, String> labels;
    private final Supplier<List<String>> nodes;
    private final Function<String, String> versionOf;
    private final Function<String, ManagedChannel> dial;
    private final Map<String, ScriptedVm> vms = new HashMap<>();
    private final Map<String, ScriptedVm.Behaviour> scripts = new HashMap<>();
    private final Map<FactStamp, FactReport> unacknowledged = new LinkedHashMap<>();
    private final Map<String, FactStamp> lastSaid = new HashMap<>();
    private final ScheduledExecutorService own = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("scripted-agent").factory());

    private Answer answer = Answer.getDefaultInstance();
    private @Nullable ManagedChannel channel;
    private @Nullable StreamObserver<FromAgent> toNode;
    private int dialled;
    private long sequence;
    private long lastHeard = System.nanoTime();
    private String session = "";
    private boolean silent;
    private final Set<String> clonesRefused = new HashSet<>();
    private final List<String> questions = new ArrayList<>();
    private int asked;

    /** On plaintext. */
    public ScriptedAgent(
            String fleet,
            String host,
            Map<String, String> labels,
            Supplier<List<String>> nodes,
            Function<String, String> versionOf) {
        this(
                fleet,
                host,
                labels,
                nodes,
                versionOf,
                address ->
                        ManagedChannelBuilder.forTarget(address).usePlaintext().build());
    }

    /**
     * @param nodes addresses to dial, one after the other
     * @param versionOf release id -> what its QEMU says of itself
     * @param dial a channel to an address
     */
    // A beat that fails is seen by every test that waits for what it does.
    @SuppressWarnings("FutureReturnValueIgnored")
    public ScriptedAgent(
            String fleet,
            String host,
            Map<String, String> labels,
            Supplier<List<String>> nodes,
            Function<String, String> versionOf,
            Function<String, ManagedChannel> dial) {
        this.fleet = fleet;
        this.host = host;
        this.labels = Map.copyOf(labels);
        this.nodes = nodes;
        this.versionOf = versionOf;
        this.dial = dial;
        own.scheduleWithFixedDelay(this::beat, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    public String host() {
        return host;
    }

    /** What every question is answered with from now on. */
    public synchronized void answerWith(Answer next) {
        answer = next;
    }

    public void upgrade(String vm) {
        script(vm, ScriptedVm.Behaviour.UPGRADE);
    }

    public void refuse(String vm) {
        script(vm, ScriptedVm.Behaviour.REFUSE);
    }

    public void rollBack(String vm) {
        script(vm, ScriptedVm.Behaviour.ROLL_BACK);
    }

    public void fallSilent(String vm) {
        script(vm, ScriptedVm.Behaviour.SILENT);
    }

    /** The switch is not answered until the script is another one. */
    public void hang(String vm) {
        script(vm, ScriptedVm.Behaviour.HANG);
    }

    /** A machine like this VM, without a guest, is refused by the newer release. */
    public synchronized void refuseClonesOf(String vm) {
        clonesRefused.add(vm);
    }

    /** How often it was asked to try machines like this VM. */
    public synchronized long asked(String vm) {
        return questions.stream().filter(vm::equals).count();
    }

    /** How often it was asked anything at all. */
    public synchronized int asked() {
        return asked;
    }

    private Proved proved(Prove question) {
        questions.add(question.getVm());
        var finding = Proof.Finding.newBuilder().setProbe(Proof.Probe.PROBE_CLONE);
        if (clonesRefused.contains(question.getVm())) {
            finding.setVerdict(Proof.Verdict.VERDICT_WONT)
                    .setCode("CLONE_REFUSED")
                    .setEvidence("rings too large");
        } else {
            finding.setVerdict(Proof.Verdict.VERDICT_WILL);
        }
        return Proved.newBuilder()
                .setId(question.getId())
                .setProof(Proof.newBuilder()
                        .setFrom(question.getFromRelease())
                        .setTo(question.getToRelease())
                        .addAllOver(question.getOverList())
                        .setShape(question.getShape())
                        .addFindings(finding))
                .build();
    }

    private synchronized void script(String vm, ScriptedVm.Behaviour behaviour) {
        scripts.put(vm, behaviour);
    }

    /** What was done to the guest, in order, for example {@code [start g1, switch g2]}. */
    public synchronized List<String> effects(String vm) {
        ScriptedVm found = vms.get(vm);
        return found == null ? List.of() : found.effects();
    }

    /** Neither hears nor says anything any more, as a host whose power went. */
    public synchronized void goSilent() {
        silent = true;
        disconnect();
    }

    private synchronized void beat() {
        if (silent) {
            return;
        }
        if (toNode != null && System.nanoTime() - lastHeard > TimeUnit.SECONDS.toNanos(4)) {
            disconnect();
        }
        if (toNode == null) {
            connect();
            return;
        }
        if (!session.isEmpty()) {
            say(FromAgent.newBuilder()
                    .setHeartbeat(Heartbeat.newBuilder().setSequence(++sequence))
                    .build());
            List.copyOf(unacknowledged.values())
                    .forEach(fact -> say(FromAgent.newBuilder().setFact(fact).build()));
        }
    }

    private void connect() {
        List<String> known = nodes.get();
        if (known.isEmpty()) {
            return;
        }
        String address = known.get(Math.floorMod(dialled++, known.size()));
        ManagedChannel dialling = dial.apply(address);
        channel = dialling;
        session = "";
        lastHeard = System.nanoTime();
        toNode = AgentLinkGrpc.newStub(dialling).connect(new FromNode(dialling));
        say(FromAgent.newBuilder()
                .setHello(Hello.newBuilder()
                        .setFleet(fleet)
                        .setHost(host)
                        .setIncarnation(1)
                        .setBootId("boot-" + host)
                        .setLogUuid("00000000-0000-0000-0000-" + "%012x".formatted(host.hashCode() & 0xffffffffL))
                        .setLinkVersion(1)
                        .setAgentVersion("scripted")
                        .addAbilities("prove")
                        .addAbilities("answer")
                        .setFacts(HostFacts.newBuilder()
                                .putAllLabels(labels)
                                .setCpus(8)
                                .setMemoryBytes(64L << 30)
                                .setFreeMemoryBytes(48L << 30)
                                .setFreeRamFilesBytes(48L << 30)
                                .setKernel("6.12")
                                .setAccel("tcg")))
                .build());
    }

    private void disconnect() {
        ManagedChannel old = channel;
        channel = null;
        toNode = null;
        session = "";
        if (old != null) {
            old.shutdownNow();
        }
    }

    private void say(FromAgent message) {
        StreamObserver<FromAgent> stream = toNode;
        if (stream != null) {
            try {
                stream.onNext(message);
            } catch (IllegalStateException e) {
                // The stream ended under us; its end arrives as a call of its own.
                disconnect();
            }
        }
    }

    private synchronized void heard(ManagedChannel from, ToAgent message) {
        if (!from.equals(channel) || silent) {
            return;
        }
        lastHeard = System.nanoTime();
        switch (message.getMessageCase()) {
            case WELCOME -> {
                session = message.getWelcome().getSession();
                // As an agent does in every session: what runs, and the highest generation carried out.
                vms.forEach((vm, state) -> state.inventory().ifPresent(fact -> report(vm, fact)));
            }
            case ORDER -> obey(message.getOrder());
            case ACKNOWLEDGED -> unacknowledged.remove(message.getAcknowledged().getStamp());
            case PROVE -> {
                asked++;
                say(FromAgent.newBuilder().setProved(proved(message.getProve())).build());
            }
            case QUESTION -> {
                asked++;
                String id = message.getQuestion().getId();
                say(FromAgent.newBuilder()
                        .setAnswer(answer.toBuilder().setId(id))
                        .build());
            }
            case HEARTBEAT, RELEASES, MESSAGE_NOT_SET -> {}
        }
    }

    private void obey(OrderMessage order) {
        if (!order.getSession().equals(session)) {
            return;
        }
        String vm = order.getVm();
        List<VmFact> facts = vms.computeIfAbsent(
                        vm,
                        id -> new ScriptedVm(
                                id,
                                "boot-" + host,
                                v -> scripts.getOrDefault(v, ScriptedVm.Behaviour.UPGRADE),
                                versionOf))
                .obey(order.getOrder());
        facts.forEach(fact -> report(vm, fact));
    }

    private void report(String vm, VmFact fact) {
        String key = vm + " " + fact;
        FactStamp before = lastSaid.get(key);
        if (before != null && unacknowledged.containsKey(before)) {
            say(FromAgent.newBuilder().setFact(unacknowledged.get(before)).build());
            return;
        }
        FactStamp stamp =
                FactStamp.newBuilder().setIncarnation(1).setSequence(++sequence).build();
        FactReport said =
                FactReport.newBuilder().setVm(vm).setStamp(stamp).setFact(fact).build();
        lastSaid.put(key, stamp);
        unacknowledged.put(stamp, said);
        say(FromAgent.newBuilder().setFact(said).build());
    }

    private synchronized void ended(ManagedChannel from) {
        if (from.equals(channel)) {
            disconnect();
        }
    }

    @Override
    public void close() {
        own.shutdownNow();
        goSilent();
    }

    private final class FromNode implements StreamObserver<ToAgent> {
        private final ManagedChannel from;

        private FromNode(ManagedChannel from) {
            this.from = from;
        }

        @Override
        public void onNext(ToAgent message) {
            heard(from, message);
        }

        @Override
        public void onError(Throwable failure) {
            ended(from);
        }

        @Override
        public void onCompleted() {
            ended(from);
        }
    }
}
