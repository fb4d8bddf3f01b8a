package dev.neurath.agent.vm;

import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.link.AgentLinkClient;
import dev.neurath.agent.log.LogDirectory;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentVm;
import dev.neurath.proto.v1.ReleaseCatalog;
import dev.neurath.proto.v1.Welcome;
import io.grpc.Status;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All VMs of this host. Recovery of what a former agent left open comes first and needs no network; only then are orders taken.
 */
public final class HostVms implements AgentLinkClient.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(HostVms.class);

    private record Entry(ManagedVm vm, Mailbox mailbox) {}

    private final HostTools tools;
    private final LogDirectory logs;
    private final ReleaseShelf shelf;
    private final Map<VmId, Entry> vms = new ConcurrentHashMap<>();

    HostVms(HostTools tools, LogDirectory logs, ReleaseShelf shelf) {
        this.tools = tools;
        this.logs = logs;
        this.shelf = shelf;
    }

    /** Looks at every VM that was known; returns when each has been looked at once, open attempts go on by themselves. */
    void recover() throws IOException {
        for (AgentVm known : tools.store().all()) {
            Entry entry = entry(new VmId(known.getSpec().getId()));
            entry.mailbox().call(() -> entry.vm().recover(known));
        }
    }

    private Entry entry(VmId id) throws IOException {
        Entry known = vms.get(id);
        if (known != null) {
            return known;
        }
        synchronized (vms) {
            Entry raced = vms.get(id);
            if (raced != null) {
                return raced;
            }
            var mailbox = new Mailbox("vm-" + id);
            var log = new AttemptLog(logs.of(id.value()));
            log.damage().ifPresent(damage -> LOG.error("LOG_DAMAGED: VM {}: {}", id, damage));
            var entry = new Entry(new ManagedVm(id, tools, mailbox, log), mailbox);
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
        try {
            for (Map.Entry<String, Long> floor : floors.entrySet()) {
                Entry entry = entry(new VmId(floor.getKey()));
                entry.mailbox().call(() -> entry.vm().raiseFloor(new Generation(floor.getValue())));
            }
            logs.floorsAreTaken();
        } catch (IOException e) {
            LOG.error("The floors of a new log cannot be written; they are asked for again with the next session", e);
        }
    }

    @Override
    public void order(VmId vm, VmOrder order, long startBeforeNanos) {
        post(vm, v -> v.order(order, startBeforeNanos));
    }

    @Override
    public void acknowledged(VmId vm, FactStamp stamp) {
        LOG.debug("VM {}: {} is durable", vm, stamp);
    }

    @Override
    public void releases(ReleaseCatalog releases) {
        shelf.take(releases);
    }

    @Override
    public void turnedAway(Status status) {
        LOG.error("The coordinator turns this agent away: {}", status.getDescription());
    }

    private interface OnVm {
        void act(ManagedVm vm) throws IOException, InterruptedException;
    }

    private void post(VmId id, OnVm what) {
        try {
            Entry entry = entry(id);
            entry.mailbox().post(() -> what.act(entry.vm()));
        } catch (IOException e) {
            LOG.error("The log of VM {} cannot be opened: nothing is done to it", id, e);
        }
    }
}
