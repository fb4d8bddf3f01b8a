package dev.neurath.codec;

import dev.neurath.model.vm.VmFact;
import dev.neurath.proto.v1.VmFact.Closed;
import dev.neurath.proto.v1.VmFact.Ended;
import dev.neurath.proto.v1.VmFact.Exited;
import dev.neurath.proto.v1.VmFact.HealthSeen;
import dev.neurath.proto.v1.VmFact.Inventory;
import dev.neurath.proto.v1.VmFact.Ready;
import dev.neurath.proto.v1.VmFact.Refused;
import dev.neurath.proto.v1.VmFact.Settling;
import dev.neurath.proto.v1.VmFact.StartFailed;
import dev.neurath.proto.v1.VmFact.Started;

/** Facts on the agents' link. */
public final class VmFactCodec {
    private VmFactCodec() {}

    public static dev.neurath.proto.v1.VmFact encode(VmFact fact) {
        var out = dev.neurath.proto.v1.VmFact.newBuilder();
        switch (fact) {
            case VmFact.Started f ->
                out.setStarted(Started.newBuilder()
                        .setGeneration(f.generation().value())
                        .setRevision(VmCodec.encode(f.revision()))
                        .setProcess(VmCodec.encode(f.process())));
            case VmFact.StartFailed f ->
                out.setStartFailed(StartFailed.newBuilder()
                        .setGeneration(f.generation().value())
                        .setRefusal(VmCodec.encode(f.refusal())));
            case VmFact.Ready f ->
                out.setReady(Ready.newBuilder().setGeneration(f.generation().value()));
            case VmFact.Refused f ->
                out.setRefused(Refused.newBuilder()
                        .setGeneration(f.generation().value())
                        .setRefusal(VmCodec.encode(f.refusal())));
            case VmFact.Closed f ->
                out.setClosed(Closed.newBuilder().setGeneration(f.generation().value()));
            case VmFact.Settling f ->
                out.setSettling(
                        Settling.newBuilder().setGeneration(f.generation().value()));
            case VmFact.Ended f ->
                out.setEnded(Ended.newBuilder()
                        .setGeneration(f.generation().value())
                        .setOutcome(VmCodec.encode(f.outcome())));
            case VmFact.HealthSeen f ->
                out.setHealthSeen(HealthSeen.newBuilder()
                        .setGeneration(f.generation().value())
                        .setHealth(VmCodec.encode(f.health()))
                        .setEvidence(f.evidence()));
            case VmFact.Exited f ->
                out.setExited(Exited.newBuilder().setReason(f.reason()).setSentence(f.sentence()));
            case VmFact.Inventory f ->
                out.setInventory(Inventory.newBuilder()
                        .setHighest(f.highest().value())
                        .setRevision(VmCodec.encode(f.revision()))
                        .setProcess(VmCodec.encode(f.process())));
        }
        return out.build();
    }

    public static VmFact decode(dev.neurath.proto.v1.VmFact message) {
        return switch (message.getFactCase()) {
            case STARTED -> decode(message.getStarted());
            case START_FAILED -> {
                StartFailed m = message.getStartFailed();
                yield new VmFact.StartFailed(
                        Fields.generation(m.getGeneration(), "VmFact.StartFailed.generation"),
                        VmCodec.refusal(m.hasRefusal(), m.getRefusal(), "VmFact.StartFailed.refusal"));
            }
            case READY ->
                new VmFact.Ready(Fields.generation(message.getReady().getGeneration(), "VmFact.Ready.generation"));
            case REFUSED -> {
                Refused m = message.getRefused();
                yield new VmFact.Refused(
                        Fields.generation(m.getGeneration(), "VmFact.Refused.generation"),
                        VmCodec.refusal(m.hasRefusal(), m.getRefusal(), "VmFact.Refused.refusal"));
            }
            case CLOSED ->
                new VmFact.Closed(Fields.generation(message.getClosed().getGeneration(), "VmFact.Closed.generation"));
            case SETTLING ->
                new VmFact.Settling(
                        Fields.generation(message.getSettling().getGeneration(), "VmFact.Settling.generation"));
            case ENDED -> {
                Ended m = message.getEnded();
                Fields.require(m.hasOutcome(), "VmFact.Ended.outcome");
                yield new VmFact.Ended(
                        Fields.generation(m.getGeneration(), "VmFact.Ended.generation"),
                        VmCodec.decode(m.getOutcome()));
            }
            case HEALTH_SEEN -> {
                HealthSeen m = message.getHealthSeen();
                yield new VmFact.HealthSeen(
                        Fields.generation(m.getGeneration(), "VmFact.HealthSeen.generation"),
                        VmCodec.decode(m.getHealth(), "VmFact.HealthSeen.health"),
                        m.getEvidence());
            }
            case EXITED ->
                new VmFact.Exited(
                        message.getExited().getReason(), message.getExited().getSentence());
            case INVENTORY -> decode(message.getInventory());
            case FACT_NOT_SET -> throw MalformedMessage.missing("VmFact.fact");
        };
    }

    private static VmFact decode(Started m) {
        return new VmFact.Started(
                Fields.generation(m.getGeneration(), "VmFact.Started.generation"),
                VmCodec.revision(m.hasRevision(), m.getRevision(), "VmFact.Started.revision"),
                VmCodec.process(m.hasProcess(), m.getProcess(), "VmFact.Started.process"));
    }

    private static VmFact decode(Inventory m) {
        return new VmFact.Inventory(
                Fields.generation(m.getHighest(), "VmFact.Inventory.highest"),
                VmCodec.revision(m.hasRevision(), m.getRevision(), "VmFact.Inventory.revision"),
                VmCodec.process(m.hasProcess(), m.getProcess(), "VmFact.Inventory.process"));
    }
}
