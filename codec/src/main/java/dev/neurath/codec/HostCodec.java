package dev.neurath.codec;

import static dev.neurath.codec.Fields.require;

import dev.neurath.model.host.HostEvent;
import dev.neurath.model.host.HostFacts;
import dev.neurath.model.host.Session;
import dev.neurath.proto.v1.HostEvent.Connected;
import dev.neurath.proto.v1.HostEvent.Cordoned;
import dev.neurath.proto.v1.HostEvent.DeclaredDead;
import dev.neurath.proto.v1.HostEvent.SessionLost;
import dev.neurath.proto.v1.HostEvent.Uncordoned;
import dev.neurath.proto.v1.HostEvent.VmPlaced;
import dev.neurath.proto.v1.HostEvent.VmRemoved;

/** A host's facts and events, model to protobuf and back. */
public final class HostCodec {
    private HostCodec() {}

    public static dev.neurath.proto.v1.HostFacts encode(HostFacts facts) {
        return dev.neurath.proto.v1.HostFacts.newBuilder()
                .putAllLabels(facts.labels())
                .setCpus(facts.cpus())
                .setMemoryBytes(facts.memoryBytes())
                .setFreeMemoryBytes(facts.freeMemoryBytes())
                .setFreeRamFilesBytes(facts.freeRamFilesBytes())
                .setKernel(facts.kernel())
                .setAccel(facts.accel())
                .build();
    }

    public static HostFacts decode(dev.neurath.proto.v1.HostFacts message) {
        return new HostFacts(
                message.getLabelsMap(),
                message.getCpus(),
                message.getMemoryBytes(),
                message.getFreeMemoryBytes(),
                message.getFreeRamFilesBytes(),
                message.getKernel(),
                message.getAccel());
    }

    public static dev.neurath.proto.v1.HostEvent encode(HostEvent event) {
        var out = dev.neurath.proto.v1.HostEvent.newBuilder();
        switch (event) {
            case HostEvent.Connected e ->
                out.setConnected(
                        Connected.newBuilder().setSession(encode(e.session())).setFacts(encode(e.facts())));
            case HostEvent.SessionLost e ->
                out.setSessionLost(
                        SessionLost.newBuilder().setSession(e.session()).setReason(e.reason()));
            case HostEvent.Cordoned e ->
                out.setCordoned(Cordoned.newBuilder().setReason(e.reason()).setBy(e.by().name()));
            case HostEvent.Uncordoned e ->
                out.setUncordoned(Uncordoned.newBuilder().setBy(e.by().name()));
            case HostEvent.DeclaredDead e ->
                out.setDeclaredDead(
                        DeclaredDead.newBuilder().setEvidence(e.evidence()).setBy(e.by().name()));
            case HostEvent.VmPlaced e -> out.setVmPlaced(VmPlaced.newBuilder().setVm(e.vm().value()));
            case HostEvent.VmRemoved e ->
                out.setVmRemoved(VmRemoved.newBuilder().setVm(e.vm().value()));
        }
        return out.build();
    }

    public static HostEvent decode(dev.neurath.proto.v1.HostEvent message) {
        return switch (message.getEventCase()) {
            case CONNECTED -> {
                Connected m = message.getConnected();
                require(m.hasSession(), "HostEvent.Connected.session");
                require(m.hasFacts(), "HostEvent.Connected.facts");
                yield new HostEvent.Connected(decode(m.getSession()), decode(m.getFacts()));
            }
            case SESSION_LOST ->
                new HostEvent.SessionLost(
                        message.getSessionLost().getSession(),
                        message.getSessionLost().getReason());
            case CORDONED ->
                new HostEvent.Cordoned(
                        message.getCordoned().getReason(),
                        Fields.actor(message.getCordoned().getBy()));
            case UNCORDONED ->
                new HostEvent.Uncordoned(Fields.actor(message.getUncordoned().getBy()));
            case DECLARED_DEAD ->
                new HostEvent.DeclaredDead(
                        message.getDeclaredDead().getEvidence(),
                        Fields.actor(message.getDeclaredDead().getBy()));
            case VM_PLACED ->
                new HostEvent.VmPlaced(Fields.vm(message.getVmPlaced().getVm(), "HostEvent.VmPlaced.vm"));
            case VM_REMOVED ->
                new HostEvent.VmRemoved(Fields.vm(message.getVmRemoved().getVm(), "HostEvent.VmRemoved.vm"));
            case EVENT_NOT_SET -> throw MalformedMessage.noKind(message, "HostEvent.event");
        };
    }

    static dev.neurath.proto.v1.HostEvent.Session encode(Session session) {
        return dev.neurath.proto.v1.HostEvent.Session.newBuilder()
                .setId(session.id())
                .setIncarnation(session.incarnation())
                .setBootId(session.bootId())
                .setLogUuid(session.logUuid())
                .setAgentVersion(session.agentVersion())
                .setLinkVersion(session.linkVersion())
                .build();
    }

    static Session decode(dev.neurath.proto.v1.HostEvent.Session message) {
        return new Session(
                message.getId(),
                message.getIncarnation(),
                message.getBootId(),
                message.getLogUuid(),
                message.getAgentVersion(),
                message.getLinkVersion());
    }
}
