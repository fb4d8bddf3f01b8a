package dev.neurath.chaos.handover;

import dev.neurath.codec.VmCodec;
import dev.neurath.codec.VmFactCodec;
import dev.neurath.codec.VmOrderCodec;
import dev.neurath.model.Decision;
import dev.neurath.model.HostId;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.VmId;
import dev.neurath.model.proof.Shape;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEffect;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmRules;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.AgentLinkGrpc;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.FactAcknowledged;
import dev.neurath.proto.v1.FactReport;
import dev.neurath.proto.v1.FromAgent;
import dev.neurath.proto.v1.Heartbeat;
import dev.neurath.proto.v1.OrderMessage;
import dev.neurath.proto.v1.Prove;
import dev.neurath.proto.v1.Proved;
import dev.neurath.proto.v1.Question;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.proto.v1.ToAgent;
import dev.neurath.proto.v1.Welcome;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A coordinator of one host, without actors: the product's own rules over a journal in memory, or in a file that outlives it. */
public final class RulesCoordinator extends AgentLinkGrpc.AgentLinkImplBase implements CrashCoordinator {
    private final HostId host;
    private final ReleaseCatalog releases;
    private final Server server;
    private final Map<VmId, VmState> vms = new HashMap<>();
    private final List<VmEvent> journal = new ArrayList<>();
    private final @Nullable EventFile file;
    private @Nullable StreamObserver<ToAgent> agent;
    private final Map<VmId, Duration> startBefore = new HashMap<>();
    private final Map<String, Answer> answers = new HashMap<>();
    private final Map<String, Proved> proofs = new HashMap<>();
    private long questions;
    private long sessions;

    public RulesCoordinator(HostId host, ReleaseCatalog releases) throws IOException {
        this(host, releases, 0, null, Map.of());
    }

    /** Goes on where the journal ends. */
    static RulesCoordinator durable(HostId host, ReleaseCatalog releases, int port, Path journal) throws IOException {
        Map<VmId, VmState> known = EventFile.read(journal).vms();
        return new RulesCoordinator(host, releases, port, EventFile.open(journal), known);
    }

    private RulesCoordinator(
            HostId host, ReleaseCatalog releases, int port, @Nullable EventFile file, Map<VmId, VmState> known)
            throws IOException {
        this.host = host;
        this.releases = releases;
        this.file = file;
        this.vms.putAll(known);
        this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(this)
                .build()
                .start();
    }

    @Override
    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    public synchronized List<VmEvent> journal() {
        return List.copyOf(journal);
    }

    @Override
    public synchronized VmState vm(VmId id) {
        return vms.getOrDefault(id, VmState.initial(id));
    }

    @Override
    public synchronized void command(VmId id, VmCommand command) {
        switch (VmRules.decide(vm(id), command)) {
            case Decision.Refused<VmEvent, VmEffect> refused ->
                throw new IllegalStateException(command + ": " + refused.refusal());
            case Decision.Accepted<VmEvent, VmEffect> accepted -> {
                VmState now = vm(id);
                for (VmEvent event : accepted.events()) {
                    now = now.evolve(event);
                    record(id, event);
                }
                vms.put(id, now);
                accepted.effects().forEach(effect -> run(id, effect));
                notifyAll();
            }
        }
    }

    /** Before any effect of it. */
    private void record(VmId id, VmEvent event) {
        journal.add(event);
        if (file != null) {
            try {
                file.append(id, event);
            } catch (IOException e) {
                throw new UncheckedIOException("the journal cannot be written", e);
            }
        }
    }

    /** Waits, repeating what is due every second. */
    public synchronized VmState await(VmId id, Predicate<VmState> condition, Duration limit)
            throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.test(vm(id))) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("VM " + id + " is " + vm(id) + " after " + limit + "; journal: " + journal);
            }
            wait(1000);
            VmRules.effectsDue(vm(id)).forEach(effect -> run(id, effect));
        }
        return vm(id);
    }

    /** Repeats what is due for every VM, as actors do by their timers. */
    @Override
    public synchronized void repeat() {
        for (VmId id : List.copyOf(vms.keySet())) {
            VmRules.effectsDue(vm(id)).forEach(effect -> run(id, effect));
        }
    }

    public VmState awaitPhase(VmId id, VmPhase phase, Duration limit) throws InterruptedException {
        return await(id, vm -> vm.phase() == phase, limit);
    }

    /** Never one of an earlier life. */
    private String session() {
        return ProcessHandle.current().pid() + "." + sessions;
    }

    private void run(VmId id, VmEffect effect) {
        StreamObserver<ToAgent> to = agent;
        if (to == null) {
            return;
        }
        switch (effect) {
            case VmEffect.Order order ->
                to.onNext(message(session(), id, order.order(), startBefore.getOrDefault(id, Duration.ofSeconds(30))));
            case VmEffect.Acknowledge ack ->
                to.onNext(ToAgent.newBuilder()
                        .setAcknowledged(
                                FactAcknowledged.newBuilder().setVm(id.value()).setStamp(VmCodec.encode(ack.stamp())))
                        .build());
            // Nothing else is ordered here than what the agent is asked about.
            case VmEffect.JournalBehind behind -> {}
            case VmEffect.Tell tell -> {}
            case VmEffect.AwaitDeadline deadline -> {}
        }
    }

    /** Asks the agent, as a node does, and waits for what it says. */
    public synchronized Answer ask(Question question, Duration limit) throws InterruptedException {
        String number = Long.toString(++questions);
        StreamObserver<ToAgent> to = agent;
        if (to == null) {
            throw new IllegalStateException("no agent is there to be asked");
        }
        to.onNext(ToAgent.newBuilder()
                .setQuestion(question.toBuilder().setId(number))
                .build());
        long end = System.nanoTime() + limit.toNanos();
        while (!answers.containsKey(number)) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("no answer within " + limit + " to " + question);
            }
            wait(100);
        }
        return Objects.requireNonNull(answers.remove(number));
    }

    /** Has the agent try a VM's machine without its guest; two releases in order, or more. */
    public synchronized Proved prove(VmId vm, List<ReleaseId> way, Duration limit) throws InterruptedException {
        String number = Long.toString(++questions);
        StreamObserver<ToAgent> to = agent;
        if (to == null) {
            throw new IllegalStateException("no agent is there to be asked");
        }
        to.onNext(ToAgent.newBuilder()
                .setProve(Prove.newBuilder()
                        .setId(number)
                        .setVm(vm.value())
                        .setShape(Shape.of(Objects.requireNonNull(vm(vm).spec())))
                        .setFromRelease(way.getFirst().value())
                        .setToRelease(way.getLast().value())
                        .addAllOver(way.subList(1, way.size() - 1).stream()
                                .map(ReleaseId::value)
                                .toList()))
                .build());
        long end = System.nanoTime() + limit.toNanos();
        while (!proofs.containsKey(number)) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("no proof within " + limit + " of " + way);
            }
            wait(100);
        }
        return Objects.requireNonNull(proofs.remove(number));
    }

    private static ToAgent message(String session, VmId id, VmOrder order, Duration startBefore) {
        return ToAgent.newBuilder()
                .setOrder(OrderMessage.newBuilder()
                        .setSession(session)
                        .setVm(id.value())
                        .setStartBefore(com.google.protobuf.Duration.newBuilder()
                                .setSeconds(startBefore.toSeconds())
                                .setNanos(startBefore.toNanosPart()))
                        .setOrder(VmOrderCodec.encode(order)))
                .build();
    }

    /** From now on this VM's orders are too late when they arrive. */
    synchronized void ordersLate(VmId id) {
        startBefore.put(id, Duration.ZERO);
    }

    /** An order that no rule asked for. */
    synchronized void stray(VmId id, VmOrder order) {
        stray(session(), id, order);
    }

    /** The same, in the name of a session that this agent was not welcomed to. */
    synchronized void strayOfAnother(VmId id, VmOrder order) {
        stray("another." + sessions, id, order);
    }

    private void stray(String session, VmId id, VmOrder order) {
        if (agent == null) {
            throw new IllegalStateException("no agent is there to be ordered");
        }
        agent.onNext(message(session, id, order, Duration.ofSeconds(30)));
    }

    @Override
    public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> to) {
        // Without a handler, writing to an agent that was killed throws instead of being lost like any other message.
        ((ServerCallStreamObserver<ToAgent>) to).setOnCancelHandler(() -> ended(to));
        return new StreamObserver<>() {
            @Override
            public void onNext(FromAgent message) {
                received(message, to);
            }

            @Override
            public void onError(Throwable failure) {
                ended(to);
            }

            @Override
            public void onCompleted() {
                ended(to);
            }
        };
    }

    @SuppressWarnings("ReferenceEquality") // a stream is itself and no other
    private synchronized void ended(StreamObserver<ToAgent> to) {
        if (agent == to) {
            agent = null;
        }
    }

    private synchronized void received(FromAgent message, StreamObserver<ToAgent> to) {
        switch (message.getMessageCase()) {
            case HELLO -> {
                sessions++;
                agent = to;
                to.onNext(ToAgent.newBuilder()
                        .setWelcome(Welcome.newBuilder()
                                .setSession(session())
                                .setNode("rules")
                                .setSilenceLimit(com.google.protobuf.Duration.newBuilder()
                                        .setSeconds(5)))
                        .build());
                to.onNext(ToAgent.newBuilder().setReleases(releases).build());
                notifyAll();
            }
            case HEARTBEAT ->
                to.onNext(ToAgent.newBuilder()
                        .setHeartbeat(Heartbeat.newBuilder()
                                .setSequence(message.getHeartbeat().getSequence()))
                        .build());
            case FACT -> fact(message.getFact());
            case ANSWER -> {
                answers.put(message.getAnswer().getId(), message.getAnswer());
                notifyAll();
            }
            case PROVED -> {
                proofs.put(message.getProved().getId(), message.getProved());
                notifyAll();
            }
            default -> {}
        }
    }

    private void fact(FactReport report) {
        command(
                new VmId(report.getVm()),
                new VmCommand.Report(host, VmCodec.decode(report.getStamp()), VmFactCodec.decode(report.getFact())));
    }

    /** How often an agent has come. */
    synchronized long sessions() {
        return sessions;
    }

    synchronized void awaitSessionAfter(long earlier, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (sessions <= earlier) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("no agent came back within " + limit);
            }
            wait(100);
        }
    }

    public synchronized void awaitAgent(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (agent == null) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("no agent came within " + limit);
            }
            wait(100);
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
