package dev.neurath.codec;

import dev.neurath.model.vm.VmState;
import dev.neurath.proto.v1.VmSnapshot;

/** A VM's state as a snapshot keeps it: what replaying the events up to it would give, no more. */
public final class VmStateCodec {
    private VmStateCodec() {}

    public static VmSnapshot encode(VmState vm) {
        var out = VmSnapshot.newBuilder()
                .setId(vm.id().value())
                .setPhase(VmCodec.encode(vm.phase()))
                .setGeneration(vm.generation().value())
                .setAttemptNumber(vm.attemptNumber())
                .setStamp(VmCodec.encode(vm.stamp()));
        if (vm.spec() != null) {
            out.setSpec(VmCodec.encode(vm.spec()));
        }
        if (vm.host() != null) {
            out.setHost(vm.host().value());
        }
        if (vm.revision() != null) {
            out.setRevision(VmCodec.encode(vm.revision()));
        }
        if (vm.process() != null) {
            out.setProcess(VmCodec.encode(vm.process()));
        }
        if (vm.adoption() != null) {
            out.setAdoption(VmCodec.encode(vm.adoption()));
        }
        if (vm.attempt() != null) {
            out.setAttempt(VmCodec.encode(vm.attempt()));
        }
        if (vm.pause() != null) {
            out.setPause(VmCodec.encode(vm.pause()));
        }
        if (vm.lastEnd() != null) {
            out.setLastEnd(VmEventCodec.encode(vm.lastEnd()));
        }
        if (vm.hold() != null) {
            out.setHold(vm.hold());
        }
        if (vm.trouble() != null) {
            out.setTrouble(vm.trouble());
        }
        return out.build();
    }

    public static VmState decode(VmSnapshot m) {
        return new VmState(
                Fields.vm(m.getId(), "VmSnapshot.id"),
                VmCodec.decode(m.getPhase(), "VmSnapshot.phase"),
                Fields.generation(m.getGeneration(), "VmSnapshot.generation"),
                m.hasSpec() ? VmCodec.decode(m.getSpec()) : null,
                m.hasHost() ? Fields.host(m.getHost(), "VmSnapshot.host") : null,
                m.hasRevision() ? VmCodec.decode(m.getRevision()) : null,
                m.hasProcess() ? VmCodec.decode(m.getProcess()) : null,
                m.hasAdoption() ? VmCodec.adoption(true, m.getAdoption(), "VmSnapshot.adoption") : null,
                m.hasAttempt() ? VmCodec.decode(m.getAttempt()) : null,
                m.getAttemptNumber(),
                m.hasPause() ? VmCodec.decode(m.getPause()) : null,
                m.hasLastEnd() ? VmEventCodec.decode(m.getLastEnd()) : null,
                m.hasHold() ? m.getHold() : null,
                m.hasTrouble() ? m.getTrouble() : null,
                VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmSnapshot.stamp"));
    }
}
