package dev.neurath.agent.vm;

import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.link.AgentLinkClient;
import dev.neurath.agent.log.LogDirectory;
import dev.neurath.agent.log.LogFailure;
import dev.neurath.agent.proof.ProofDesk;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentVm;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.Prove;
import dev.neurath.proto.v1.Proved;
import dev.neurath.proto.v1.Question;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.proto.v1.Welcome;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All VMs of this host. Recovery of what a former agent left open comes first and needs no network; only then are orders taken.
 */
public final class HostVms implements AgentLinkClient.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(HostVms.class);

    private record Entry(HostedVm vm, Mailbox mailbox) {}

    /** Each waits for a QEMU, for seconds if that does not answer. */
    private static final int MOST_INSPECTIONS = 8;

    private final HostTools tools;
    private final LogDirectory logs;
    private final ReleaseShelf shelf;
    private final ProofDesk proofs;
    private final Semaphore inspections = new Semaphore(MOST_INSPECTIONS);
    private final Map<VmId, Entry> vms = new ConcurrentHashMap<>();

    HostVms(HostTools tools, LogDirectory logs, ReleaseShelf shelf, ProofDesk proofs) {
        this.tools = tools;
        this.logs = logs;
        this.shelf = shelf;
        this.proofs = proofs;
    }

    /**
     * Looks at every VM that was known, at all at once and first where an attempt is open; returns when each has been looked at, open attempts go on by
     * themselves. One that cannot be recovered is set aside, so that no other guest stands still for its sake.
     */
    void recover() throws IOException {
        var looks = new LinkedHashMap<VmId, Look>();
        var atRest = new ArrayList<VmId>();
        for (VmId id : tools.store().ids()) {
            try {
                Look look = begun(id);
                looks.put(id, look);
                if (look.vm().underAttempt()) {
                    look.begin();
                } else {
                    atRest.add(id);
                }
            } catch (IOException e) {
                looks.remove(id);
                vms.put(id, setAside(id, e));
            }
        }
        atRest.stream().map(looks::get).filter(Objects::nonNull).forEach(Look::begin);
        for (Map.Entry<VmId, Look> look : looks.entrySet()) {
            try {
                vms.put(look.getKey(), look.getValue().ended());
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                vms.put(look.getKey(), setAside(look.getKey(), e));
            }
        }
    }

    private Look begun(VmId id) throws IOException {
        AgentVm known = tools.store().load(id);
        Mailbox mailbox = mailbox(id);
        return new Look(managed(id, mailbox), mailbox, known);
    }

    /** One VM's recovery, at the same time as all others'. */
    private static final class Look {
        private final ManagedVm vm;
        private final Mailbox mailbox;
        private final AgentVm known;
        private @Nullable Future<?> result;

        Look(ManagedVm vm, Mailbox mailbox, AgentVm known) {
            this.vm = vm;
            this.mailbox = mailbox;
            this.known = known;
        }

        ManagedVm vm() {
            return vm;
        }

        void begin() {
            result = mailbox.submit(() -> vm.recover(known));
        }

        Entry ended() throws IOException {
            mailbox.await(Objects.requireNonNull(result));
            return new Entry(vm, mailbox);
        }
    }

    /** What is being done to each VM ends first; what was not begun is left to the next start. */
    void close() throws InterruptedException {
        for (Entry entry : vms.values()) {
            entry.mailbox().close();
        }
    }

    /** Until no guest stands still for an attempt, but no longer than {@code limit}. */
    void awaitPauses(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (Entry entry : vms.values()) {
            entry.vm().awaitPause(end);
        }
    }

    private static Mailbox mailbox(VmId id) {
        return new Mailbox("vm-" + id);
    }

    private ManagedVm managed(VmId id, Mailbox mailbox) throws IOException {
        var log = new AttemptLog(logs.of(id.value()));
        log.damage().ifPresent(damage -> LOG.error("LOG_DAMAGED: VM {}: {}", id, damage));
        return new ManagedVm(id, tools, mailbox, log);
    }

    private Entry setAside(VmId id, IOException cause) {
        Refusal why = Refusals.of(
                cause instanceof LogFailure log && log.reason() == LogFailure.Reason.UNREADABLE
                        ? "LOG_UNREADABLE"
                        : "RECOVERY_FAILED",
                "This agent cannot go on with VM %s, whose QEMU it leaves alone: %s".formatted(id, cause.getMessage()));
        LOG.error("{}: VM {} is set aside", why.code(), id, cause);
        return new Entry(new SetAsideVm(id, tools.outbox(), why, logs.highest(id.value())), mailbox(id));
    }

    private Entry entry(VmId id) {
        Entry known = vms.get(id);
        if (known != null) {
            return known;
        }
        synchronized (vms) {
            Entry raced = vms.get(id);
            if (raced != null) {
                return raced;
            }
            Entry entry;
            try {
                Mailbox mailbox = mailbox(id);
                entry = new Entry(managed(id, mailbox), mailbox);
            } catch (IOException e) {
                entry = setAside(id, e);
            }
            vms.put(id, entry);
            return entry;
        }
    }

    @Override
    public void welcomed(Welcome welcome) {
        if (!logs.floorsTaken()) {
            takeFloors(welcome.getFloorsMap());
        }
        vms.values().forEach(entry -> entry.mailbox().post(entry.vm()::takeInventory));
    }

    /** What was ordered before this log began cannot be known: none of it may begin. */
    private void takeFloors(Map<String, Long> floors) {
        boolean all = true;
        for (Map.Entry<String, Long> floor : floors.entrySet()) {
            try {
                Entry entry = entry(new VmId(floor.getKey()));
                entry.mailbox().call(() -> entry.vm().raiseFloor(new Generation(floor.getValue())));
            } catch (IOException e) {
                LOG.error("VM {}: its floor in a new log cannot be written; it is asked for again", floor.getKey(), e);
                all = false;
            }
        }
        try {
            if (all) {
                logs.floorsAreTaken();
            }
        } catch (IOException e) {
            LOG.error("That floors were taken cannot be written; they are asked for again with the next session", e);
        }
    }

    @Override
    public void order(VmId vm, VmOrder order, long startBeforeNanos) {
        Entry entry = entry(vm);
        entry.mailbox().post(() -> entry.vm().order(order, startBeforeNanos));
    }

    @Override
    public void acknowledged(VmId vm, FactStamp stamp) {
        LOG.debug("VM {}: {} is durable", vm, stamp);
    }

    @Override
    public void disowned(VmId vm, FactStamp stamp, Refusal why) {
        LOG.warn("{}: {} {}", why.code(), why.sentence(), why.wayOut());
    }

    @Override
    public void releases(ReleaseCatalog releases) {
        shelf.take(releases);
    }

    @Override
    public void prove(Prove question, Consumer<Proved> answer) {
        proofs.ask(question, answer);
    }

    @Override
    public void question(Question question, Consumer<Answer> answer) {
        switch (question.getQuestionCase()) {
            case INSPECT -> {
                if (!inspections.tryAcquire()) {
                    answer.accept(
                            Inspection.refused("INSPECTIONS_BUSY", "This agent has enough processes to look at."));
                    return;
                }
                var inspection = new Inspection(tools.inspector(), tools.starter());
                // It takes seconds where somebody does not answer.
                Thread.ofPlatform().daemon().name("inspection").start(() -> {
                    try {
                        answer.accept(inspection.answer(question.getInspect()));
                    } finally {
                        inspections.release();
                    }
                });
            }
            case QUESTION_NOT_SET ->
                answer.accept(Inspection.refused("QUESTION_UNKNOWN", "This agent does not know what it was asked."));
        }
    }

    @Override
    public void turnedAway(Status status) {
        LOG.error("The coordinator turns this agent away: {}", status.getDescription());
    }
}
