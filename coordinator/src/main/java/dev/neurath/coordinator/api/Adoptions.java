package dev.neurath.coordinator.api;

import dev.neurath.codec.VmCodec;
import dev.neurath.host.HostActor;
import dev.neurath.host.HostActors;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostCommand;
import dev.neurath.model.vm.Adoption;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.proto.v1.AdoptVmsRequest;
import dev.neurath.proto.v1.AdoptVmsResponse;
import dev.neurath.proto.v1.Inspect;
import dev.neurath.proto.v1.Inspection;
import dev.neurath.proto.v1.Question;
import dev.neurath.proto.v1.Vm;
import dev.neurath.vm.VmActor;
import dev.neurath.vm.VmActors;
import java.time.Duration;
import java.util.HashMap;

/**
 * Takes over VMs that somebody else started: asks the host's agent what is there, and orders each one that can be adopted to be. A refused one has no
 * place in the fleet; what refuses, and what a VM is made of, only the agent knows.
 */
final class Adoptions {
    /** Some tens of QEMUs that answer, or a few that do not: an agent gives each 2 s. */
    private static final Duration INSPECTION_LIMIT = Duration.ofSeconds(20);

    private static final Duration USUAL_PAUSE = Duration.ofSeconds(1);

    private final VmActors vms;
    private final HostActors hosts;
    private final FreshReads reads;
    private final Duration patience;

    Adoptions(VmActors vms, HostActors hosts, FreshReads reads, Duration patience) {
        this.vms = vms;
        this.hosts = hosts;
        this.reads = reads;
        this.patience = patience;
    }

    AdoptVmsResponse adopt(AdoptVmsRequest request) throws InterruptedException {
        HostId host = Input.host(request.getHost());
        String path = Input.required("qmp", request.getQmp(), "an absolute path on the host");
        Inspection inspection = inspection(host, path, request.getSupervisedConsent());
        if (!request.getId().isEmpty() && inspection.getCandidatesCount() > 1) {
            throw Refused.badInput(Refusal.of(
                    "INPUT_INVALID",
                    "id: %d VMs were found at %s, and one id is for one."
                            .formatted(inspection.getCandidatesCount(), path),
                    "name one VM's socket, or leave the id out"));
        }
        var answer = AdoptVmsResponse.newBuilder();
        for (Inspection.Candidate candidate : inspection.getCandidatesList()) {
            answer.addFound(adopted(host, candidate, request));
        }
        return answer.build();
    }

    private Inspection inspection(HostId host, String path, boolean consent) throws InterruptedException {
        var question = Question.newBuilder()
                .setInspect(Inspect.newBuilder().setPath(path).setSupervisedConsent(consent))
                .build();
        HostActor.Reply reply = Unary.await(
                hosts.question(host, question, INSPECTION_LIMIT), INSPECTION_LIMIT.plus(patience), "host " + host);
        return switch (reply) {
            case HostActor.Answered answered -> {
                if (answered.answer().hasRefused()) {
                    throw Refused.of(VmCodec.decode(answered.answer().getRefused()));
                }
                yield answered.answer().getInspection();
            }
            case HostActor.Refused refused -> throw Refused.of(refused.refusal());
            case HostActor.Unavailable unavailable -> throw Refused.unavailable(unavailable.reason());
            case HostActor.Accepted accepted -> throw new IllegalStateException("a question was answered as a command");
            case HostActor.Proved proved -> throw new IllegalStateException("another question was answered");
        };
    }

    private AdoptVmsResponse.Found adopted(HostId host, Inspection.Candidate candidate, AdoptVmsRequest request)
            throws InterruptedException {
        var found = AdoptVmsResponse.Found.newBuilder()
                .addAllSockets(candidate.getSocketsList())
                .setId(request.getId().isEmpty() ? candidate.getSpec().getId() : request.getId());
        if (candidate.hasProcess()) {
            found.setProcess(candidate.getProcess());
        }
        if (candidate.hasRefusal()) {
            return found.setRefusal(candidate.getRefusal()).build();
        }
        VmSpec spec = Input.checked("id", () -> spec(candidate, request));
        VmId id = spec.id();
        Replies.hostAccepted(hosts.ask(host, new HostCommand.PlaceVm(id)), patience, "host " + host);
        var adoption = new Adoption(VmCodec.decode(candidate.getProcess()), request.getSupervisedConsent());
        var command = new VmCommand.Adopt(spec, host, adoption, Caller.current());
        return switch (Unary.await(vms.ask(id, command), patience, "VM " + id)) {
            case VmActor.Accepted accepted -> {
                Vm vm = reads.look(fleet -> fleet.vm(id).map(Wire::vm).orElseThrow());
                yield found.setVm(vm).build();
            }
            case VmActor.Refused refused ->
                found.setRefusal(VmCodec.encode(refused.refusal())).build();
            case VmActor.Unavailable unavailable -> throw Refused.unavailable(unavailable.reason());
        };
    }

    private static VmSpec spec(Inspection.Candidate candidate, AdoptVmsRequest request) {
        var labels = new HashMap<>(candidate.getSpec().getLabelsMap());
        labels.putAll(request.getLabelsMap());
        var spec = candidate.getSpec().toBuilder()
                .setId(request.getId().isEmpty() ? candidate.getSpec().getId() : request.getId())
                .putAllLabels(labels)
                .setPauseBudget(request.hasPauseBudget() ? request.getPauseBudget() : VmCodec.encode(USUAL_PAUSE));
        return VmCodec.decode(spec.build());
    }
}
