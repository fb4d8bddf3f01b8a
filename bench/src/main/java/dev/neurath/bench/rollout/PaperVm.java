package dev.neurath.bench.rollout;

import dev.neurath.proto.v1.Footprint;
import dev.neurath.proto.v1.Health;
import dev.neurath.proto.v1.Outcome;
import dev.neurath.proto.v1.Pause;
import dev.neurath.proto.v1.QemuProcess;
import dev.neurath.proto.v1.Revision;
import dev.neurath.proto.v1.VmFact;
import dev.neurath.proto.v1.VmOrder;
import java.util.List;

/** A VM that does what it is told at once. Each order comes here once; what was answered is remembered by its agent. */
final class PaperVm {
    private final String id;
    private final String bootId;
    private int pid = 1000;
    private String release = "";
    private String preparing = "";
    private long switches;

    PaperVm(String id, String bootId) {
        this.id = id;
        this.bootId = bootId;
    }

    long switches() {
        return switches;
    }

    List<VmFact> obey(VmOrder order) {
        long generation = order.getGeneration();
        return switch (order.getOrderCase()) {
            case START -> {
                release = order.getStart().getSpec().getRelease();
                yield List.of(VmFact.newBuilder()
                        .setStarted(VmFact.Started.newBuilder()
                                .setGeneration(generation)
                                .setRevision(revision())
                                .setProcess(process()))
                        .build());
            }
            case PREPARE -> {
                preparing = order.getPrepare().getAttempt().getRelease();
                yield List.of(VmFact.newBuilder()
                        .setReady(VmFact.Ready.newBuilder().setGeneration(generation))
                        .build());
            }
            case SWITCH -> {
                release = preparing;
                pid++;
                switches++;
                yield List.of(upgraded(generation), alive(generation));
            }
            case ADOPT, RESOLVE, STOP, ORDER_NOT_SET ->
                throw new IllegalStateException("on paper nothing is late: " + order.getOrderCase() + " of " + id);
        };
    }

    private VmFact upgraded(long generation) {
        return VmFact.newBuilder()
                .setEnded(VmFact.Ended.newBuilder()
                        .setGeneration(generation)
                        .setOutcome(Outcome.newBuilder()
                                .setUpgraded(Outcome.Upgraded.newBuilder()
                                        .setPause(Pause.newBuilder()
                                                .setMeasured(com.google.protobuf.Duration.newBuilder()
                                                        .setNanos(6_000_000)))
                                        .setRevision(revision())
                                        .setProcess(process())
                                        .setFootprint(Footprint.newBuilder()
                                                .setExtraMemoryBytes(40 << 20)
                                                .setExtraCpuMillis(60)))))
                .build();
    }

    private static VmFact alive(long generation) {
        return VmFact.newBuilder()
                .setHealthSeen(VmFact.HealthSeen.newBuilder()
                        .setGeneration(generation)
                        .setHealth(Health.HEALTH_ALIVE)
                        .setEvidence("3 beats"))
                .build();
    }

    private Revision revision() {
        return Revision.newBuilder()
                .setRelease(release)
                .setVersion(PaperFleet.VERSIONS.getOrDefault(release, "?"))
                .setBinarySha256("00")
                .build();
    }

    private QemuProcess process() {
        return QemuProcess.newBuilder()
                .setBootId(bootId)
                .setPid(pid)
                .setStartTicks(pid * 10L)
                .setQmp("/run/" + id + ".qmp")
                .build();
    }
}
