package dev.neurath.agent.vm;

import dev.neurath.agent.handover.AttemptLog;
import dev.neurath.agent.handover.QemuSide;
import dev.neurath.agent.handover.Trial;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Generation;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.AgentVm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a VM's first QEMU on this host, at most once per generation. The draft is on disk before the process exists, so whoever comes after a crash finds
 * the process by its tag. The second QEMU of a hand-over is not its business.
 */
final class FirstStart {
    private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);
    private static final Duration DEATH_LIMIT = Duration.ofSeconds(10);
    /** What survives SIGKILL is stuck in the kernel, for as long as that takes. */
    private static final Duration END_AGAIN = Duration.ofSeconds(5);

    private static final String RESTARTED = "The agent was restarted while the VM was being started.";

    private final VmId id;
    private final HostTools tools;
    private final Mailbox mailbox;
    private final AttemptLog log;
    private final Incumbent incumbent;
    private @Nullable VmFact answer;

    FirstStart(VmId id, HostTools tools, Mailbox mailbox, AttemptLog log, Incumbent incumbent) {
        this.id = id;
        this.tools = tools;
        this.mailbox = mailbox;
        this.log = log;
        this.incumbent = incumbent;
    }

    void order(VmOrder.Start order, boolean late) throws IOException, InterruptedException {
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
            } else if (g.equals(log.floor())) {
                cutShort(g);
            }
            return;
        }
        log.close(g);
        if (late) {
            answered(new VmFact.StartFailed(
                    g, Refusal.of("ORDER_TOO_LATE", "The order to start the VM waited too long.", "neurath vm start")));
            return;
        }
        if (incumbent.runs() || incumbent.halfStarted()) {
            answered(runsHere(g));
            return;
        }
        incumbent.endLeftOvers();
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
        } catch (IOException | RuntimeException e) {
            failed(draft, "START_FAILED", String.valueOf(e.getMessage()));
        } finally {
            tools.starts().release();
        }
    }

    private static VmFact runsHere(Generation g) {
        return new VmFact.StartFailed(g, Refusals.of("VM_RUNS_HERE", "This VM is running on this host already."));
    }

    /** Its floor is all that is left of the order: an agent died over it, or answered it and died. The draft is written before a process exists. */
    private void cutShort(Generation g) throws IOException {
        if (incumbent.runs()) {
            answered(runsHere(g));
        } else if (!incumbent.halfStarted() && !tools.processes().named(id + "." + g + ".")) {
            answered(new VmFact.StartFailed(g, Refusals.of("AGENT_RESTARTED", RESTARTED)));
        }
    }

    /** The agent died between writing the draft down and knowing the process. */
    void recover() throws IOException, InterruptedException {
        AgentVm draft = Objects.requireNonNull(incumbent.record());
        Optional<ProcessIdentity> stray = tools.processes().find(draft.getTag());
        if (stray.isPresent()) {
            started(draft, stray.get());
        } else {
            failed(draft, "AGENT_RESTARTED", RESTARTED);
        }
    }

    private void started(AgentVm draft, ProcessIdentity identity) throws IOException, InterruptedException {
        var fresh = QemuSide.of(identity, Path.of(draft.getControl()), tools.connector());
        try {
            AgentVm running = tools.processes().describe(draft, identity, fresh);
            incumbent.begins(running, fresh);
            answered(startedFact(running));
        } catch (IOException | RuntimeException | Trial.Refused e) {
            failed(
                    draft,
                    e instanceof Trial.Refused refused ? refused.code() : "START_FAILED",
                    e.getMessage() + tools.processes().lastWords(draft.getTag()));
        }
    }

    /** Says that no process lives, so it waits until none does; the draft stays for as long, and whoever finds it. */
    private void failed(AgentVm draft, String code, String sentence) {
        try {
            tools.processes().endTagged(Set.of(draft.getTag()), DEATH_LIMIT);
            tools.processes().dropMemory(Path.of(draft.getRamFile()));
            incumbent.forget();
        } catch (IOException e) {
            LOG.error("VM {}: its start failed, and what is left of it cannot be ended; tried again", id, e);
            mailbox.postAfter(END_AGAIN, () -> {
                if (incumbent.halfStarted() && draft.equals(incumbent.record())) {
                    failed(draft, code, sentence);
                }
            });
            return;
        }
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
