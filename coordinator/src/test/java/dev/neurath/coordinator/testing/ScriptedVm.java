package dev.neurath.coordinator.testing;

import dev.neurath.proto.v1.Footprint;
import dev.neurath.proto.v1.Health;
import dev.neurath.proto.v1.Outcome;
import dev.neurath.proto.v1.Pause;
import dev.neurath.proto.v1.QemuProcess;
import dev.neurath.proto.v1.Refusal;
import dev.neurath.proto.v1.Revision;
import dev.neurath.proto.v1.VmFact;
import dev.neurath.proto.v1.VmOrder;
import dev.neurath.proto.v1.VmSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One VM as an agent keeps it: floor, outcomes by generation, the process that runs. It keeps the agent's side of the protocol: what is below the
 * floor is refused, what was done before is answered from memory, Resolve closes.
 */
final class ScriptedVm {
    private final String id;
    private final String bootId;
    private final Function<String, Behaviour> script;
    private final Function<String, String> versionOf;
    private long floor;
    private boolean settled;
    private int pid;
    private String release = "";
    private String preparing = "";
    private final Map<Long, List<VmFact>> answers = new HashMap<>();
    /** Every effect on the guest, for the checks: "start g1", "switch g2", … */
    private final List<String> effects = new ArrayList<>();

    ScriptedVm(String id, String bootId, Function<String, Behaviour> script, Function<String, String> versionOf) {
        this.id = id;
        this.bootId = bootId;
        this.script = script;
        this.versionOf = versionOf;
    }

    List<String> effects() {
        return List.copyOf(effects);
    }

    /** @return the facts that answer; empty = nothing is said (yet) */
    List<VmFact> obey(VmOrder order) {
        long g = order.getGeneration();
        if (g < floor) {
            return List.of();
        }
        return switch (order.getOrderCase()) {
            case START -> once(g, () -> start(g, order.getStart().getSpec()));
            case ADOPT -> once(g, () -> adopt(g, order.getAdopt()));
            case PREPARE ->
                once(g, () -> prepare(g, order.getPrepare().getAttempt().getRelease()));
            case SWITCH -> doSwitch(g);
            case RESOLVE -> resolve(g);
            case STOP -> once(g, () -> stop(g));
            case ORDER_NOT_SET -> throw new IllegalArgumentException("order without content");
        };
    }

    private List<VmFact> once(long g, java.util.function.Supplier<List<VmFact>> work) {
        if (!answers.containsKey(g)) {
            floor = g;
            settled = false;
            answers.put(g, work.get());
        }
        return answers.getOrDefault(g, List.of());
    }

    private List<VmFact> start(long g, VmSpec spec) {
        effects.add("start g" + g);
        release = spec.getRelease();
        pid = 1000 + effects.size();
        settled = true;
        return List.of(VmFact.newBuilder()
                .setStarted(VmFact.Started.newBuilder()
                        .setGeneration(g)
                        .setRevision(revision())
                        .setProcess(process()))
                .build());
    }

    /** It is the process that was ordered; from then on it is one of ours. */
    private List<VmFact> adopt(long g, VmOrder.Adopt order) {
        effects.add("adopt g" + g);
        release = order.getSpec().getRelease();
        pid = order.getAdoption().getProcess().getPid();
        settled = true;
        return List.of(VmFact.newBuilder()
                .setStarted(VmFact.Started.newBuilder()
                        .setGeneration(g)
                        .setRevision(revision())
                        .setProcess(order.getAdoption().getProcess()))
                .build());
    }

    private List<VmFact> prepare(long g, String newRelease) {
        preparing = newRelease;
        if (script.apply(id) == Behaviour.REFUSE) {
            settled = true;
            return List.of(VmFact.newBuilder()
                    .setRefused(VmFact.Refused.newBuilder()
                            .setGeneration(g)
                            .setRefusal(Refusal.newBuilder()
                                    .setCode("JOB_ACTIVE")
                                    .setSentence("A block job runs.")
                                    .setWayOut("wait for it")))
                    .build());
        }
        return List.of(VmFact.newBuilder()
                .setReady(VmFact.Ready.newBuilder().setGeneration(g))
                .build());
    }

    private List<VmFact> doSwitch(long g) {
        if (g != floor || settled || script.apply(id) == Behaviour.HANG) {
            return answers.getOrDefault(g, List.of());
        }
        effects.add("switch g" + g);
        settled = true;
        answers.put(g, switched(g));
        return answers.get(g);
    }

    private List<VmFact> switched(long g) {
        if (script.apply(id) == Behaviour.ROLL_BACK) {
            return List.of(ended(
                    g,
                    Outcome.newBuilder()
                            .setAsItWas(Outcome.AsItWas.newBuilder()
                                    .setPause(pause())
                                    .setReason("NEW_REFUSED_STATE")
                                    .setSentence("The new QEMU refused the device state.")
                                    .setReachedSwitching(true))
                            .build()));
        }
        release = preparing;
        pid++;
        var facts = new ArrayList<VmFact>();
        facts.add(ended(
                g,
                Outcome.newBuilder()
                        .setUpgraded(Outcome.Upgraded.newBuilder()
                                .setPause(pause())
                                .setRevision(revision())
                                .setProcess(process())
                                .setFootprint(Footprint.newBuilder()
                                        .setExtraMemoryBytes(1 << 20)
                                        .setExtraCpuMillis(7)))
                        .build()));
        facts.add(VmFact.newBuilder()
                .setHealthSeen(VmFact.HealthSeen.newBuilder()
                        .setGeneration(g)
                        .setHealth(script.apply(id) == Behaviour.SILENT ? Health.HEALTH_SILENT : Health.HEALTH_ALIVE)
                        .setEvidence("3 beats"))
                .build());
        return facts;
    }

    private List<VmFact> resolve(long g) {
        if (settled && answers.containsKey(g)) {
            return answers.get(g);
        }
        floor = Math.max(floor, g);
        settled = true;
        answers.put(
                g,
                List.of(VmFact.newBuilder()
                        .setClosed(VmFact.Closed.newBuilder().setGeneration(g))
                        .build()));
        return answers.get(g);
    }

    private List<VmFact> stop(long g) {
        effects.add("stop g" + g);
        settled = true;
        pid = 0;
        return List.of(VmFact.newBuilder()
                .setExited(VmFact.Exited.newBuilder()
                        .setReason("STOPPED_BY_OWNER")
                        .setSentence("Stopped by its owner's order."))
                .build());
    }

    /** What is told of one at rest when a session begins; empty if there is nothing to tell of, or an attempt will tell it. */
    Optional<VmFact> inventory() {
        return !settled || pid == 0
                ? Optional.empty()
                : Optional.of(VmFact.newBuilder()
                        .setInventory(VmFact.Inventory.newBuilder()
                                .setHighest(floor)
                                .setRevision(revision())
                                .setProcess(process()))
                        .build());
    }

    private static VmFact ended(long g, Outcome outcome) {
        return VmFact.newBuilder()
                .setEnded(VmFact.Ended.newBuilder().setGeneration(g).setOutcome(outcome))
                .build();
    }

    private Pause pause() {
        return Pause.newBuilder()
                .setMeasured(com.google.protobuf.Duration.newBuilder().setNanos(6_000_000))
                .build();
    }

    private Revision revision() {
        return Revision.newBuilder()
                .setRelease(release)
                .setVersion(versionOf.apply(release))
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

    /** What the agent's work on a VM comes to. */
    enum Behaviour {
        UPGRADE,
        REFUSE,
        ROLL_BACK,
        SILENT,
        /** Switch is not answered until the behaviour is another one. */
        HANG
    }
}
