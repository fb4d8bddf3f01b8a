package dev.neurath.codec;

import dev.neurath.model.vm.VmEvent;
import dev.neurath.proto.v1.VmEvent.AdoptOrdered;
import dev.neurath.proto.v1.VmEvent.AttemptClosed;
import dev.neurath.proto.v1.VmEvent.ContactLost;
import dev.neurath.proto.v1.VmEvent.DoubleRunFound;
import dev.neurath.proto.v1.VmEvent.Ended;
import dev.neurath.proto.v1.VmEvent.GuestSilent;
import dev.neurath.proto.v1.VmEvent.HandedOver;
import dev.neurath.proto.v1.VmEvent.HoldLifted;
import dev.neurath.proto.v1.VmEvent.HoldPlaced;
import dev.neurath.proto.v1.VmEvent.HostDeclaredDead;
import dev.neurath.proto.v1.VmEvent.Lost;
import dev.neurath.proto.v1.VmEvent.Prepared;
import dev.neurath.proto.v1.VmEvent.Released;
import dev.neurath.proto.v1.VmEvent.RevisionSeen;
import dev.neurath.proto.v1.VmEvent.RolledBack;
import dev.neurath.proto.v1.VmEvent.StartFailed;
import dev.neurath.proto.v1.VmEvent.StartOrdered;
import dev.neurath.proto.v1.VmEvent.Started;
import dev.neurath.proto.v1.VmEvent.StopOrdered;
import dev.neurath.proto.v1.VmEvent.SwitchAuthorized;
import dev.neurath.proto.v1.VmEvent.UpgradeBegun;
import dev.neurath.proto.v1.VmEvent.UpgradeRefused;
import dev.neurath.proto.v1.VmEvent.Verified;

/**
 * A VM's events, model to journal; {@link VmEventDecoder} is the way back. A message of the journal is for ever: a new event or field is added, none
 * is changed.
 */
public final class VmEventCodec {
    private VmEventCodec() {}

    public static VmEvent decode(dev.neurath.proto.v1.VmEvent message) {
        return VmEventDecoder.decode(message);
    }

    public static dev.neurath.proto.v1.VmEvent encode(VmEvent event) {
        var out = dev.neurath.proto.v1.VmEvent.newBuilder();
        switch (event) {
            case VmEvent.StartOrdered e ->
                out.setStartOrdered(StartOrdered.newBuilder()
                        .setSpec(VmCodec.encode(e.spec()))
                        .setHost(e.host().value())
                        .setGeneration(e.generation().value())
                        .setBy(e.by().name()));
            case VmEvent.AdoptOrdered e ->
                out.setAdoptOrdered(AdoptOrdered.newBuilder()
                        .setSpec(VmCodec.encode(e.spec()))
                        .setHost(e.host().value())
                        .setGeneration(e.generation().value())
                        .setAdoption(VmCodec.encode(e.adoption()))
                        .setBy(e.by().name()));
            case VmEvent.Started e ->
                out.setStarted(Started.newBuilder()
                        .setRevision(VmCodec.encode(e.revision()))
                        .setProcess(VmCodec.encode(e.process()))
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.StartFailed e ->
                out.setStartFailed(StartFailed.newBuilder()
                        .setRefusal(VmCodec.encode(e.refusal()))
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.UpgradeBegun e ->
                out.setUpgradeBegun(UpgradeBegun.newBuilder()
                        .setAttempt(VmCodec.encode(e.attempt()))
                        .setAttemptNumber(e.attemptNumber()));
            case VmEvent.Prepared e ->
                out.setPrepared(Prepared.newBuilder()
                        .setGeneration(e.generation().value())
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.SwitchAuthorized e ->
                out.setSwitchAuthorized(SwitchAuthorized.newBuilder()
                        .setGeneration(e.generation().value()));
            case VmEvent.UpgradeRefused e ->
                out.setUpgradeRefused(UpgradeRefused.newBuilder()
                        .setGeneration(e.generation().value())
                        .setRefusal(VmCodec.encode(e.refusal()))
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.HandedOver e ->
                out.setHandedOver(HandedOver.newBuilder()
                        .setGeneration(e.generation().value())
                        .setPause(VmCodec.encode(e.pause()))
                        .setRevision(VmCodec.encode(e.revision()))
                        .setProcess(VmCodec.encode(e.process()))
                        .setFootprint(VmCodec.encode(e.footprint()))
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.RolledBack e ->
                out.setRolledBack(RolledBack.newBuilder()
                        .setGeneration(e.generation().value())
                        .setPause(VmCodec.encode(e.pause()))
                        .setReason(e.reason())
                        .setSentence(e.sentence())
                        .setReachedSwitching(e.reachedSwitching())
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.AttemptClosed e ->
                out.setAttemptClosed(AttemptClosed.newBuilder()
                        .setGeneration(e.generation().value())
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.ContactLost e ->
                out.setContactLost(ContactLost.newBuilder()
                        .setGeneration(e.generation().value())
                        .setDuring(VmCodec.encode(e.during())));
            case VmEvent.Verified e ->
                out.setVerified(Verified.newBuilder()
                        .setGeneration(e.generation().value())
                        .setHealth(VmCodec.encode(e.health()))
                        .setEvidence(e.evidence())
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.GuestSilent e ->
                out.setGuestSilent(GuestSilent.newBuilder()
                        .setGeneration(e.generation().value())
                        .setEvidence(e.evidence())
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.DoubleRunFound e ->
                out.setDoubleRunFound(DoubleRunFound.newBuilder()
                        .setGeneration(e.generation().value())
                        .setSentence(e.sentence())
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.Ended e ->
                out.setEnded(Ended.newBuilder()
                        .setReason(e.reason())
                        .setSentence(e.sentence())
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.Lost e ->
                out.setLost(Lost.newBuilder()
                        .setGeneration(e.generation().value())
                        .setSentence(e.sentence())
                        .setStamp(VmCodec.encode(e.stamp())));
            case VmEvent.StopOrdered e ->
                out.setStopOrdered(StopOrdered.newBuilder()
                        .setGeneration(e.generation().value())
                        .setBy(e.by().name()));
            case VmEvent.HoldPlaced e ->
                out.setHoldPlaced(HoldPlaced.newBuilder().setReason(e.reason()).setBy(e.by().name()));
            case VmEvent.HoldLifted e ->
                out.setHoldLifted(HoldLifted.newBuilder().setBy(e.by().name()));
            case VmEvent.Released e -> out.setReleased(Released.newBuilder().setBy(e.by().name()));
            case VmEvent.HostDeclaredDead e ->
                out.setHostDeclaredDead(HostDeclaredDead.newBuilder()
                        .setHost(e.host().value())
                        .setEvidence(e.evidence())
                        .setBy(e.by().name()));
            case VmEvent.RevisionSeen e ->
                out.setRevisionSeen(RevisionSeen.newBuilder()
                        .setRevision(VmCodec.encode(e.revision()))
                        .setProcess(VmCodec.encode(e.process()))
                        .setHighest(e.highest().value())
                        .setStamp(VmCodec.encode(e.stamp())));
        }
        return out.build();
    }
}
