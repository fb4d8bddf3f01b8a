package dev.neurath.coordinator.api;

import com.google.protobuf.Timestamp;
import dev.neurath.codec.VmCodec;
import dev.neurath.coordinator.feed.VmSentences;
import dev.neurath.coordinator.fleet.HostEntry;
import dev.neurath.coordinator.fleet.VmEntry;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.host.HostState;
import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.Host;
import dev.neurath.proto.v1.Vm;
import java.time.Instant;

/** What the fleet knows, in the API's words. */
final class Wire {
    private Wire() {}

    static Timestamp timestamp(Instant at) {
        return Timestamp.newBuilder()
                .setSeconds(at.getEpochSecond())
                .setNanos(at.getNano())
                .build();
    }

    static Vm vm(VmEntry entry) {
        VmState vm = entry.state();
        var wire = Vm.newBuilder()
                .setId(vm.id().value())
                .setPhase(VmCodec.encode(vm.phase()))
                .setGeneration(vm.generation().value())
                .setSince(timestamp(entry.since()));
        if (vm.host() != null) {
            wire.setHost(vm.host().value());
        }
        if (vm.spec() != null) {
            wire.setSpec(VmCodec.encode(vm.spec()));
        }
        if (vm.revision() != null) {
            wire.setRevision(VmCodec.encode(vm.revision()));
        }
        if (vm.process() != null) {
            wire.setProcess(VmCodec.encode(vm.process()));
        }
        if (vm.attempt() != null) {
            wire.setAttempt(VmCodec.encode(vm.attempt()));
        }
        if (vm.hold() != null) {
            wire.setHold(vm.hold());
        }
        if (vm.trouble() != null) {
            wire.setTrouble(vm.trouble());
        }
        if (vm.lastEnd() != null) {
            wire.setLastEnd(VmSentences.of(vm.id(), vm.lastEnd()).text());
        }
        return wire.build();
    }

    static Host host(HostEntry entry, int vms) {
        HostState host = entry.state();
        var wire = Host.newBuilder()
                .setId(host.id().value())
                .setState(
                        host.phase() == HostPhase.ABSENT
                                ? HostPhase.UNREACHABLE.name()
                                : host.phase().name())
                .setCordoned(host.cordon() != null)
                .setVms(vms)
                .setSince(timestamp(entry.since()));
        if (host.facts() != null) {
            wire.setFacts(dev.neurath.codec.HostCodec.encode(host.facts()));
        }
        if (host.session() != null) {
            wire.setBootId(host.session().bootId());
            wire.setAgentVersion(host.session().agentVersion());
        }
        return wire.build();
    }
}
