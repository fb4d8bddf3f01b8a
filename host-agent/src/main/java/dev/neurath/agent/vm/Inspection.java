package dev.neurath.agent.vm;

import dev.neurath.agent.adopt.Adoptable;
import dev.neurath.agent.adopt.Inspector;
import dev.neurath.agent.adopt.Inspector.Finding;
import dev.neurath.agent.adopt.NotAdoptable;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.vm.Revision;
import dev.neurath.proto.v1.Answer;
import dev.neurath.proto.v1.Inspect;
import dev.neurath.proto.v1.Inspection.Candidate;
import dev.neurath.proto.v1.QemuProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Answers which QEMUs of this host could be taken over, in the words of the link. */
record Inspection(Inspector inspector, QemuStarter starter) {
    Answer answer(Inspect asked) {
        try {
            var found = dev.neurath.proto.v1.Inspection.newBuilder();
            for (Finding finding : inspector.inspect(Path.of(asked.getPath()), asked.getSupervisedConsent())) {
                found.addCandidates(candidate(finding));
            }
            return Answer.newBuilder().setInspection(found).build();
        } catch (NotAdoptable e) {
            return refused(e.code(), e.sentence());
        } catch (IOException | RuntimeException e) {
            return refused("INSPECTION_FAILED", "%s could not be looked at: %s".formatted(asked.getPath(), e));
        }
    }

    static Answer refused(String code, String sentence) {
        return Answer.newBuilder()
                .setRefused(VmCodec.encode(Refusals.of(code, sentence)))
                .build();
    }

    private Candidate candidate(Finding finding) {
        var candidate = Candidate.newBuilder()
                .addAllSockets(finding.sockets().stream().map(Path::toString).toList());
        switch (finding) {
            case Inspector.Unfit unfit -> {
                unfit.process().ifPresent(process -> candidate.setProcess(process(process, finding.sockets())));
                candidate.setRefusal(VmCodec.encode(
                        Refusals.of(unfit.why().code(), unfit.why().sentence())));
            }
            case Inspector.Fit fit -> {
                Adoptable vm = fit.vm();
                Revision revision = starter.revisionOf(vm.sha256(), vm.version());
                candidate
                        .setProcess(vm.origin().getProcess())
                        .setRevision(VmCodec.encode(revision))
                        .setSpec(vm.description().toBuilder()
                                .setRelease(revision.release().value()));
            }
        }
        return candidate.build();
    }

    private static QemuProcess process(ProcessIdentity identity, List<Path> sockets) {
        return QemuProcess.newBuilder()
                .setBootId(identity.bootId())
                .setPid(identity.pid())
                .setStartTicks(identity.startTimeTicks())
                .setQmp(sockets.getFirst().toString())
                .build();
    }
}
