package dev.neurath.agent.vm;

import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.handover.QemuSide;
import dev.neurath.agent.handover.Trial;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Starts a VM's first QEMU on this host, at most once per generation. The draft is on disk before the process exists, so whoever comes after a crash finds
 * the process by its tag. The second QEMU of a hand-over is not its business.
 */
final class FirstStart {
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(10);

    private final VmId id;
    private final HostTools tools;
    private final AttemptLog log;
    private final Incumbent incumbent;
    private @Nullable VmFact answer;

    FirstStart(VmId id, HostTools tools, AttemptLog log, Incumbent incumbent) {
        this.id = id;
        this.tools = tools;
        this.log = log;
        this.incumbent = incumbent;
    }

    void order(VmOrder.Start order) throws IOException, InterruptedException {
        Generation g = order.generation();
        AgentVm known = incumbent.record();
        if (known != null && known.getStartedBy() == g.value()) {
            if (answer != null) {
                tools.outbox().report(id, answer);
            } else if (known.hasProcess()) {
                tools.outbox().report(id, startedFact(known));
            }
            return;
        }
        if (!g.isAfter(log.floor())) {
            if (answer != null) {
                tools.outbox().report(id, answer);
            }
            return;
        }
        log.close(g);
        if (incumbent.runs()) {
            answered(
                    new VmFact.StartFailed(g, Refusals.of("VM_RUNS_HERE", "This VM is running on this host already.")));
            return;
        }
        AgentVm draft;
        try {
            draft = tools.starter().draft(order.spec(), g.value(), tools.nonce().get());
        } catch (Trial.Refused e) {
            answered(new VmFact.StartFailed(g, Refusals.of(e.code(), e.sentence())));
            return;
        }
        incumbent.save(draft);
        tools.outbox().forgetExit(id);
        tools.starts().acquire();
        try {
            started(draft, tools.starter().start(draft));
        } catch (Trial.Refused e) {
            failed(draft, e.code(), e.sentence());
        } catch (IOException e) {
            failed(draft, "START_FAILED", String.valueOf(e.getMessage()));
        } finally {
            tools.starts().release();
        }
    }

    /** The agent died between writing the draft down and knowing the process. */
    void recover() throws IOException, InterruptedException {
        AgentVm draft = Objects.requireNonNull(incumbent.record());
        Optional<ProcessIdentity> stray = tools.processes().find(draft.getTag());
        if (stray.isPresent()) {
            started(draft, stray.get());
        } else {
            failed(draft, "AGENT_RESTARTED", "The agent was restarted while the VM was being started.");
        }
    }

    private void started(AgentVm draft, ProcessIdentity identity) throws IOException, InterruptedException {
        var fresh = QemuSide.of(identity, Path.of(draft.getControl()), tools.connector());
        try {
            AgentVm running = tools.processes().describe(draft, identity, fresh);
            incumbent.begins(running, fresh);
            answered(startedFact(running));
        } catch (IOException | Trial.Refused e) {
            tools.processes().end(identity, DEATH_LIMIT);
            failed(
                    draft,
                    e instanceof Trial.Refused refused ? refused.code() : "START_FAILED",
                    e.getMessage() + tools.processes().lastWords(draft.getTag()));
        }
    }

    private void failed(AgentVm draft, String code, String sentence) throws IOException {
        Files.deleteIfExists(Path.of(draft.getRamFile()));
        incumbent.forget();
        answered(new VmFact.StartFailed(new Generation(draft.getStartedBy()), Refusals.of(code, sentence)));
    }

    private void answered(VmFact fact) {
        answer = fact;
        tools.outbox().report(id, fact);
    }

    private static VmFact startedFact(AgentVm vm) {
        return new VmFact.Started(
                new Generation(vm.getStartedBy()), QemuStarter.revisionOf(vm), VmCodec.decode(vm.getProcess()));
    }
}
