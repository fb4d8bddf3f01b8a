package dev.neurath.coordinator.api;

import dev.neurath.codec.ReleaseCodec;
import dev.neurath.codec.VmCodec;
import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.HostEntry;
import dev.neurath.coordinator.fleet.VmEntry;
import dev.neurath.coordinator.rollout.FleetEntities;
import dev.neurath.host.HostActors;
import dev.neurath.identity.ReleaseTrust;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostCommand;
import dev.neurath.model.release.ReleaseCommand;
import dev.neurath.model.release.ReleaseRules;
import dev.neurath.model.rollout.Selector;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmRules;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.proto.v1.AdoptVmsRequest;
import dev.neurath.proto.v1.AdoptVmsResponse;
import dev.neurath.proto.v1.CordonHostRequest;
import dev.neurath.proto.v1.DeclareHostDeadRequest;
import dev.neurath.proto.v1.ExplainRequest;
import dev.neurath.proto.v1.ExplainResponse;
import dev.neurath.proto.v1.FleetGrpc;
import dev.neurath.proto.v1.GetVmRequest;
import dev.neurath.proto.v1.HoldVmRequest;
import dev.neurath.proto.v1.Host;
import dev.neurath.proto.v1.ListHostsRequest;
import dev.neurath.proto.v1.ListHostsResponse;
import dev.neurath.proto.v1.ListReleasesRequest;
import dev.neurath.proto.v1.ListReleasesResponse;
import dev.neurath.proto.v1.ListVmsRequest;
import dev.neurath.proto.v1.ListVmsResponse;
import dev.neurath.proto.v1.RegisterReleaseRequest;
import dev.neurath.proto.v1.RegisterReleaseResponse;
import dev.neurath.proto.v1.ReleaseVmRequest;
import dev.neurath.proto.v1.StartVmRequest;
import dev.neurath.proto.v1.StopVmRequest;
import dev.neurath.proto.v1.UncordonHostRequest;
import dev.neurath.proto.v1.UnholdVmRequest;
import dev.neurath.proto.v1.Vm;
import dev.neurath.vm.VmActor;
import dev.neurath.vm.VmActors;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The gRPC service Fleet: hosts, VMs, releases.
 *
 * <p>A command is decided by its entity, wherever it lives; an answer is read from this node's view once that has seen the command's events.
 */
public final class FleetApi extends FleetGrpc.FleetImplBase {
    private final VmActors vms;
    private final HostActors hosts;
    private final FleetEntities entities;
    private final ReleaseTrust trust;
    private final FreshReads reads;
    private final Explanations explanations;
    private final Adoptions adoptions;
    private final Duration patience;

    public FleetApi(
            VmActors vms,
            HostActors hosts,
            FleetEntities entities,
            ReleaseTrust trust,
            FreshReads reads,
            Clock clock,
            Duration patience) {
        this.trust = trust;
        this.vms = vms;
        this.hosts = hosts;
        this.entities = entities;
        this.reads = reads;
        this.explanations = new Explanations(clock);
        this.adoptions = new Adoptions(vms, hosts, reads, patience);
        this.patience = patience;
    }

    @Override
    public void registerRelease(RegisterReleaseRequest request, StreamObserver<RegisterReleaseResponse> observer) {
        Unary.answer(observer, () -> {
            var release = Input.checked("release", () -> ReleaseCodec.decode(request.getRelease()));
            trust.refusal(release).ifPresent(refusal -> {
                throw Refused.precondition(refusal);
            });
            int events = Replies.accepted(
                    entities.askReleases(new ReleaseCommand.Register(release, Caller.current())),
                    patience,
                    "the catalog of releases");
            return RegisterReleaseResponse.newBuilder().setCreated(events > 0).build();
        });
    }

    @Override
    public void listReleases(ListReleasesRequest request, StreamObserver<ListReleasesResponse> observer) {
        Unary.answer(
                observer,
                () -> reads.look(fleet -> {
                    var answer = ListReleasesResponse.newBuilder();
                    fleet.catalog().releases().values().forEach(r -> answer.addReleases(ReleaseCodec.encode(r)));
                    return answer.build();
                }));
    }

    @Override
    public void listHosts(ListHostsRequest request, StreamObserver<ListHostsResponse> observer) {
        Unary.answer(
                observer,
                () -> reads.look(fleet -> {
                    Map<HostId, Integer> counts = vmsPerHost(fleet);
                    var answer = ListHostsResponse.newBuilder();
                    fleet.hosts()
                            .forEach(h -> answer.addHosts(
                                    Wire.host(h, counts.getOrDefault(h.state().id(), 0))));
                    return answer.build();
                }));
    }

    @Override
    public void cordonHost(CordonHostRequest request, StreamObserver<Host> observer) {
        Unary.answer(
                observer,
                () -> commandHost(request.getHost(), new HostCommand.Cordon(request.getReason(), Caller.current())));
    }

    @Override
    public void uncordonHost(UncordonHostRequest request, StreamObserver<Host> observer) {
        Unary.answer(observer, () -> commandHost(request.getHost(), new HostCommand.Uncordon(Caller.current())));
    }

    @Override
    public void declareHostDead(DeclareHostDeadRequest request, StreamObserver<Host> observer) {
        Unary.answer(observer, () -> {
            String evidence = Input.required(
                    "evidence", request.getEvidence(), "whoever reads the events later has to know how you knew");
            return commandHost(request.getHost(), new HostCommand.DeclareDead(evidence, Caller.current()));
        });
    }

    @Override
    public void listVms(ListVmsRequest request, StreamObserver<ListVmsResponse> observer) {
        Unary.answer(observer, () -> {
            Selector selector = Input.selector(request.getSelector());
            return reads.look(fleet -> {
                var answer = ListVmsResponse.newBuilder();
                fleet.vms().stream()
                        .filter(vm -> request.getHost().isEmpty()
                                || (vm.state().host() != null
                                        && request.getHost()
                                                .equals(vm.state().host().value())))
                        .filter(vm -> selector.matches(labels(fleet, vm)))
                        .forEach(vm -> answer.addVms(Wire.vm(vm)));
                return answer.build();
            });
        });
    }

    @Override
    public void getVm(GetVmRequest request, StreamObserver<Vm> observer) {
        Unary.answer(observer, () -> vm(Input.vm(request.getId())));
    }

    @Override
    public void startVm(StartVmRequest request, StreamObserver<Vm> observer) {
        Unary.answer(observer, () -> {
            VmSpec spec = Input.checked("spec", () -> VmCodec.decode(request.getSpec()));
            HostId host = reads.decideFrom(fleet -> {
                if (fleet.catalog().find(spec.release()).isEmpty()) {
                    throw Refused.of(ReleaseRules.unknown(spec.release()));
                }
                return placeOf(fleet, spec, request.getHost());
            });
            Replies.hostAccepted(hosts.ask(host, new HostCommand.PlaceVm(spec.id())), patience, "host " + host);
            return commandVm(spec.id(), new VmCommand.Start(spec, host, Caller.current()));
        });
    }

    @Override
    public void adoptVms(AdoptVmsRequest request, StreamObserver<AdoptVmsResponse> observer) {
        Unary.answer(observer, () -> adoptions.adopt(request));
    }

    @Override
    public void stopVm(StopVmRequest request, StreamObserver<Vm> observer) {
        Unary.answer(observer, () -> commandVm(Input.vm(request.getId()), new VmCommand.Stop(Caller.current())));
    }

    @Override
    public void holdVm(HoldVmRequest request, StreamObserver<Vm> observer) {
        Unary.answer(observer, () -> {
            String reason = Input.required("reason", request.getReason(), "it is shown wherever the VM is skipped");
            return commandVm(known(request.getId()), new VmCommand.Hold(reason, Caller.current()));
        });
    }

    @Override
    public void unholdVm(UnholdVmRequest request, StreamObserver<Vm> observer) {
        Unary.answer(observer, () -> commandVm(known(request.getId()), new VmCommand.Unhold(Caller.current())));
    }

    @Override
    public void releaseVm(ReleaseVmRequest request, StreamObserver<Vm> observer) {
        Unary.answer(observer, () -> commandVm(Input.vm(request.getId()), new VmCommand.Release(Caller.current())));
    }

    @Override
    public void explain(ExplainRequest request, StreamObserver<ExplainResponse> observer) {
        Unary.answer(
                observer,
                () -> reads.look(fleet -> explanations.of(request.getSubject(), fleet))
                        .toProto());
    }

    private Vm commandVm(VmId id, VmCommand command) throws InterruptedException {
        VmActor.Reply reply = Unary.await(vms.ask(id, command), patience, "VM " + id);
        return switch (reply) {
            case VmActor.Accepted accepted -> vm(id);
            case VmActor.Refused refused -> throw Refused.of(refused.refusal());
            case VmActor.Unavailable unavailable -> throw Refused.unavailable(unavailable.reason());
        };
    }

    private Host commandHost(String text, HostCommand command) throws InterruptedException {
        HostId id = Input.host(text);
        Replies.hostAccepted(hosts.ask(id, command), patience, "host " + id);
        return reads.look(fleet -> fleet.host(id)
                .map(host -> Wire.host(host, vmsPerHost(fleet).getOrDefault(id, 0)))
                .orElseThrow(() -> Refused.notFound(
                        Refusal.of("HOST_UNKNOWN", "There is no host %s.".formatted(id), "neurath host list"))));
    }

    private Vm vm(VmId id) throws InterruptedException {
        return reads.look(fleet -> fleet.vm(id).map(Wire::vm).orElseThrow(() -> unknown(id)));
    }

    /** A hold is accepted by a VM that does not exist, too; a typing error should not be. */
    private VmId known(String text) throws InterruptedException {
        VmId id = Input.vm(text);
        return reads.look(fleet -> fleet.vm(id).map(vm -> id).orElseThrow(() -> unknown(id)));
    }

    private static RuntimeException unknown(VmId id) {
        return Refused.notFound(Refusal.of("VM_UNKNOWN", "There is no VM %s.".formatted(id), "neurath vm list"));
    }

    /** Where a VM that starts belongs: where it is being started already, where the caller wants it, or where most memory is free. */
    private static HostId placeOf(FleetFacts fleet, VmSpec spec, String wanted) {
        VmEntry known = fleet.vm(spec.id()).orElse(null);
        if (known != null
                && known.state().phase() != VmPhase.GONE
                && known.state().phase() != VmPhase.ABSENT) {
            HostId on = known.state().host();
            if (VmRules.isStartOf(known.state(), spec)
                    && on != null
                    && (wanted.isEmpty() || wanted.equals(on.value()))) {
                return on;
            }
            throw Refused.precondition(Refusal.of(
                    "VM_EXISTS",
                    "VM %s exists already and is %s on host %s."
                            .formatted(spec.id(), known.state().phase(), on),
                    "neurath vm show " + spec.id()));
        }
        if (!wanted.isEmpty()) {
            HostId host = Input.host(wanted);
            if (fleet.host(host).isEmpty()) {
                throw Refused.notFound(
                        Refusal.of("HOST_UNKNOWN", "There is no host %s.".formatted(host), "neurath host list"));
            }
            return host;
        }
        return Placement.mostFree(fleet, spec)
                .map(HostEntry::state)
                .map(dev.neurath.model.host.HostState::id)
                .orElseThrow(() -> Refused.precondition(Refusal.of(
                        "NO_HOST",
                        "No connected, uncordoned host has %d MiB free for VM %s."
                                .formatted(spec.memoryBytes() >> 20, spec.id()),
                        "neurath host list")));
    }

    private static Map<String, String> labels(FleetFacts fleet, VmEntry vm) {
        var labels = new HashMap<String, String>();
        if (vm.state().host() != null) {
            fleet.host(vm.state().host()).map(h -> h.state().facts()).ifPresent(facts -> labels.putAll(facts.labels()));
        }
        if (vm.state().spec() != null) {
            labels.putAll(vm.state().spec().labels());
        }
        return labels;
    }

    private static Map<HostId, Integer> vmsPerHost(FleetFacts fleet) {
        var counts = new HashMap<HostId, Integer>();
        for (VmEntry vm : fleet.vms()) {
            HostId host = vm.state().host();
            if (host != null && vm.state().phase() != VmPhase.GONE) {
                counts.merge(host, 1, Integer::sum);
            }
        }
        return counts;
    }
}
