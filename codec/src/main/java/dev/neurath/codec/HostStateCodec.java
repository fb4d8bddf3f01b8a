package dev.neurath.codec;

import dev.neurath.model.Actor;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.host.HostState;
import dev.neurath.proto.v1.HostSnapshot;
import java.util.TreeSet;

/** A host's state as a snapshot keeps it: what replaying the events up to it would give, no more. */
public final class HostStateCodec {
    private HostStateCodec() {}

    public static HostSnapshot encode(HostState host) {
        var out = HostSnapshot.newBuilder()
                .setId(host.id().value())
                .setFleet(host.fleet().value())
                .setPhase(encode(host.phase()));
        if (host.session() != null) {
            out.setSession(HostCodec.encode(host.session()));
        }
        if (host.facts() != null) {
            out.setFacts(HostCodec.encode(host.facts()));
        }
        if (host.cordon() != null) {
            out.setCordon(host.cordon());
        }
        if (host.death() != null) {
            out.setDeath(host.death());
        }
        if (host.declaredBy() != null) {
            out.setDeclaredBy(host.declaredBy().name());
        }
        host.vms().forEach(vm -> out.addVms(vm.value()));
        return out.build();
    }

    public static HostState decode(HostSnapshot m) {
        var vms = new TreeSet<dev.neurath.model.VmId>();
        m.getVmsList().forEach(vm -> vms.add(Fields.vm(vm, "HostSnapshot.vms")));
        return new HostState(
                Fields.host(m.getId(), "HostSnapshot.id"),
                Fields.fleet(m.getFleet(), "HostSnapshot.fleet"),
                decode(m.getPhase()),
                m.hasSession() ? HostCodec.decode(m.getSession()) : null,
                m.hasFacts() ? HostCodec.decode(m.getFacts()) : null,
                m.hasCordon() ? m.getCordon() : null,
                m.hasDeath() ? m.getDeath() : null,
                m.hasDeclaredBy() ? new Actor(m.getDeclaredBy()) : null,
                vms);
    }

    private static HostSnapshot.Phase encode(HostPhase phase) {
        return switch (phase) {
            case ABSENT -> HostSnapshot.Phase.PHASE_ABSENT;
            case CONNECTED -> HostSnapshot.Phase.PHASE_CONNECTED;
            case UNREACHABLE -> HostSnapshot.Phase.PHASE_UNREACHABLE;
            case DECLARED_DEAD -> HostSnapshot.Phase.PHASE_DECLARED_DEAD;
        };
    }

    private static HostPhase decode(HostSnapshot.Phase phase) {
        return switch (phase) {
            case PHASE_ABSENT -> HostPhase.ABSENT;
            case PHASE_CONNECTED -> HostPhase.CONNECTED;
            case PHASE_UNREACHABLE -> HostPhase.UNREACHABLE;
            case PHASE_DECLARED_DEAD -> HostPhase.DECLARED_DEAD;
            case PHASE_UNSPECIFIED, UNRECOGNIZED ->
                throw new MalformedMessage("HostSnapshot.phase", "is no known phase: " + phase);
        };
    }
}
