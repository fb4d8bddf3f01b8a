package dev.neurath.bench.rollout;

import dev.neurath.bench.BenchDatabase;
import dev.neurath.bench.BenchNode;
import dev.neurath.proto.v1.ApplyRequest;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.Filter;
import dev.neurath.proto.v1.FleetGrpc;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.ListHostsRequest;
import dev.neurath.proto.v1.Plan;
import dev.neurath.proto.v1.PlanRequest;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.Release;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.RolloutsGrpc;
import dev.neurath.proto.v1.Start;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.VmSpec;
import dev.neurath.proto.v1.WatchRequest;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.Context;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A real node on a real database, its agents over the real link, and VMs on paper: all that a rollout is, but QEMU. */
final class PaperFleet implements AutoCloseable {
    static final Map<String, String> VERSIONS = Map.of("qemu-10.0.2", "10.0.2", "qemu-11.1.3", "11.1.3");

    private static final String OLD = "qemu-10.0.2";
    private static final String NEW = "qemu-11.1.3";
    private static final Duration LIMIT = Duration.ofMinutes(10);
    /** At a time, of VMs that are started before what is measured. */
    private static final int CALLERS = 32;

    private static final long LOOK_NANOS = 50_000_000;

    private final BenchDatabase server;
    private final BenchNode node;
    private final List<PaperAgent> agents = new ArrayList<>();
    private int generation;

    PaperFleet(BenchDatabase server, Path state, String url, int hosts) throws IOException, InterruptedException {
        this.server = server;
        this.node = new BenchNode(state, url);
        VERSIONS.forEach((id, version) -> {
            var answer = fleet().registerRelease(RegisterReleaseRequest.newBuilder()
                    .setRelease(Release.newBuilder()
                            .setId(id)
                            .setVersion(version)
                            .addArgvPrefix("/opt/" + id + "/qemu")
                            .addFiles(Release.File.newBuilder()
                                    .setPath("/opt/" + id + "/qemu")
                                    .setSha256("0".repeat(64))))
                    .build());
            if (!answer.getCreated()) {
                throw new IllegalStateException("the database is not empty: it knows " + id);
            }
        });
        for (int i = 0; i < hosts; i++) {
            agents.add(new PaperAgent("h" + i, node.address()));
        }
        await(
                "agents that are connected",
                () -> fleet().listHosts(ListHostsRequest.getDefaultInstance()).getHostsList().stream()
                                .filter(host -> host.getState().equals("CONNECTED"))
                                .count()
                        == hosts);
    }

    private FleetGrpc.FleetBlockingStub fleet() {
        return FleetGrpc.newBlockingStub(node.channel()).withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private RolloutsGrpc.RolloutsBlockingStub rollouts() {
        return RolloutsGrpc.newBlockingStub(node.channel()).withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            agents.forEach(PaperAgent::check);
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("not within " + LIMIT + ": " + what);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** VMs of a label of their own, all of them running on the old release. */
    String startVms(int count) throws IOException, InterruptedException {
        String round = "round" + ++generation;
        var started = new ArrayList<Future<?>>();
        try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            for (int i = 0; i < count; i++) {
                VmSpec spec = spec(round + "-" + i, round);
                String host = "h" + i % agents.size();
                started.add(callers.submit(() -> fleet().startVm(StartVmRequest.newBuilder()
                        .setHost(host)
                        .setSpec(spec)
                        .build())));
            }
        }
        for (Future<?> one : started) {
            try {
                one.get();
            } catch (ExecutionException e) {
                throw new IOException("a VM was not started: " + e.getCause(), e);
            }
        }
        return round;
    }

    private static VmSpec spec(String id, String round) {
        return VmSpec.newBuilder()
                .setId(id)
                .setRelease(OLD)
                .setMachine("pc-q35-7.2")
                .setCpu("qemu64")
                .setAccel("tcg")
                .setVcpus(1)
                .setMemoryBytes(64L << 20)
                .setBoot(VmSpec.Boot.newBuilder().setKernel("/boot/beat.elf"))
                .setPauseBudget(com.google.protobuf.Duration.newBuilder().setSeconds(1))
                .putLabels("round", round)
                .build();
    }

    /** From the apply of a plan that is made until the rollout says that it is complete. */
    void upgrade(String round, int vms, int inFlight, EngineFigures figures) throws IOException {
        String yaml = """
                apiVersion: neurath/v1
                kind: Rollout
                metadata: { name: %s }
                release: { qemu: %s }
                select: { vms: "round=%s" }
                limits: { vmsInFlight: %d, perHost: %d, failures: 1, quarantined: 1 }
                """.formatted(round, NEW, round, inFlight, inFlight);
        Plan[] plan = new Plan[1];
        await("a plan with all VMs", () -> {
            plan[0] = rollouts()
                    .plan(PlanRequest.newBuilder().setYaml(yaml).build())
                    .getPlan();
            return plan[0].getWavesList().stream()
                            .mapToInt(Plan.Wave::getAssignmentsCount)
                            .sum()
                    == vms;
        });
        long switched = switches();
        Context.CancellableContext context = Context.current().withCancellation();
        Context before = context.attach();
        try {
            Iterator<WatchResponse> ends = EventFeedGrpc.newBlockingStub(node.channel())
                    .withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .watch(WatchRequest.newBuilder()
                            .setStart(Start.newBuilder().setNow(true))
                            .setFilter(Filter.newBuilder().addTypePrefixes("neurath.rollout."))
                            .build());
            // The bookmark of the beginning: whatever comes from now on is seen.
            ends.next();
            EngineFigures.Round measured = figures.begin(server);
            Rollout rollout =
                    rollouts().apply(ApplyRequest.newBuilder().setPlan(plan[0]).build());
            awaitCompletion(ends, "rollout/" + rollout.getId());
            measured.end(vms);
            RolloutPhase phase = rollouts()
                    .get(GetRolloutRequest.newBuilder().setId(rollout.getId()).build())
                    .getPhase();
            if (phase != RolloutPhase.ROLLOUT_PHASE_COMPLETE || switches() - switched != vms) {
                throw new IllegalStateException("the rollout is " + phase + " and " + (switches() - switched) + " of "
                        + vms + " were switched");
            }
        } finally {
            context.detach(before);
            context.cancel(null);
        }
    }

    private static void awaitCompletion(Iterator<WatchResponse> events, String subject) {
        while (true) {
            WatchResponse next = events.next();
            if (next.hasEvent() && next.getEvent().getSubject().equals(subject)) {
                String type = next.getEvent().getType();
                if (type.startsWith("neurath.rollout.completed")) {
                    return;
                }
                if (type.startsWith("neurath.rollout.paused") || type.startsWith("neurath.rollout.fail")) {
                    throw new IllegalStateException(next.getEvent().getSentence());
                }
            }
        }
    }

    private long switches() {
        return agents.stream().mapToLong(PaperAgent::switches).sum();
    }

    @Override
    public void close() throws IOException {
        agents.forEach(PaperAgent::close);
        node.close();
    }
}
