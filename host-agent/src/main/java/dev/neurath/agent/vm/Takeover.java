package dev.neurath.agent.vm;

import dev.neurath.agent.adopt.Adoptable;
import dev.neurath.agent.adopt.Foothold;
import dev.neurath.agent.adopt.NotAdoptable;
import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.handover.QemuSide;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.qemu.QemuGraph;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes over a VM that somebody else started, at most once per generation: looks at it again, and writes down what it is. Nothing is done to the process,
 * and one that is refused is not the agent's: nothing of it is ever ended or deleted.
 */
final class Takeover {
    private final VmId id;
    private final HostTools tools;
    private final AttemptLog log;
    private final Incumbent incumbent;
    private @Nullable VmFact answer;

    Takeover(VmId id, HostTools tools, AttemptLog log, Incumbent incumbent) {
        this.id = id;
        this.tools = tools;
        this.log = log;
        this.incumbent = incumbent;
    }

    void order(VmOrder.Adopt order, boolean late) throws IOException, InterruptedException {
        Generation g = order.generation();
        AgentVm known = incumbent.record();
        if (known != null && known.getStartedBy() == g.value() && known.hasProcess()) {
            tools.outbox().report(id, startedFact(known));
            return;
        }
        if (!g.isAfter(log.floor())) {
            repeat(g);
            return;
        }
        log.close(g);
        if (late) {
            answered(new VmFact.StartFailed(
                    g, Refusal.of("ORDER_TOO_LATE", "The order to adopt the VM waited too long.", "neurath vm adopt")));
            return;
        }
        if (incumbent.runs() || incumbent.halfStarted()) {
            answered(failed(g, "VM_RUNS_HERE", "This VM is running on this host already."));
            return;
        }
        incumbent.endLeftOvers();
        tools.outbox().forgetExit(id);
        try {
            AgentVm vm = record(order);
            incumbent.begins(vm, QemuSide.of(Incumbent.identity(vm), Path.of(vm.getControl()), tools.connector()));
            answered(startedFact(vm));
        } catch (NotAdoptable e) {
            answered(failed(g, e.code(), e.sentence()));
        } catch (IOException | RuntimeException e) {
            // It may have been written down already, and nothing of the process was touched.
            incumbent.forget();
            answered(failed(g, "START_FAILED", "The process could not be looked at: " + e));
        }
    }

    /** Its floor is all that is left of the order: an agent died over it before it had written anything down. */
    private void repeat(Generation g) {
        if (answer != null) {
            tools.outbox().report(id, answer);
        } else if (g.equals(log.floor()) && !incumbent.runs()) {
            answered(failed(g, "AGENT_RESTARTED", "The agent was restarted while the VM was being adopted."));
        }
    }

    private AgentVm record(VmOrder.Adopt order) throws IOException, NotAdoptable {
        QemuProcess process = order.adoption().process();
        var identity = new ProcessIdentity(process.bootId(), process.pid(), process.startTicks(), "");
        Adoptable vm = tools.inspector()
                .again(identity, Path.of(process.qmp()), order.adoption().supervisedConsent());
        if (vm.origin().hasUser()) {
            BesideAdopted.requireSockets(
                    Foothold.of(identity.pid()),
                    tools.directories().openTo(vm.origin().getUser()));
        }
        // The door first: it is what operators are told of.
        var publicPaths = new LinkedHashSet<String>();
        publicPaths.add(vm.control().toString());
        publicPaths.addAll(vm.publicPaths());
        var paths = new ArrayList<AgentVm.PublicPath>();
        for (String path : publicPaths) {
            paths.add(AgentVm.PublicPath.newBuilder()
                    .setPublic(path)
                    .setBound(path)
                    .build());
        }
        return AgentVm.newBuilder()
                .setSpec(VmCodec.encode(order.spec()))
                .setStartedBy(order.generation().value())
                .setProcess(vm.origin().getProcess())
                .setRevision(VmCodec.encode(tools.starter().revisionOf(vm.sha256(), vm.version())))
                .setTag(id + "." + order.generation() + "." + tools.nonce().get())
                .setControl(vm.control().toString())
                .addAllPublicPaths(paths)
                .setGraph(QemuGraph.withoutPlaces(vm.graph()))
                .setPlaces(QemuGraph.placesIn(vm.graph()))
                .setOrigin(vm.origin())
                .build();
    }

    private void answered(VmFact fact) {
        answer = fact;
        tools.outbox().report(id, fact);
    }

    private static VmFact failed(Generation g, String code, String sentence) {
        return new VmFact.StartFailed(g, Refusals.of(code, sentence));
    }

    private static VmFact startedFact(AgentVm vm) {
        return new VmFact.Started(
                new Generation(vm.getStartedBy()), QemuStarter.revisionOf(vm), VmCodec.decode(vm.getProcess()));
    }

    /** What others know the VM by. */
    static List<Path> publicPaths(AgentVm vm) {
        return vm.getPublicPathsList().stream()
                .map(path -> Path.of(path.getPublic()))
                .toList();
    }
}
