package dev.neurath.codec;

import dev.neurath.model.Generation;
import dev.neurath.model.vm.VmEvent;

/** A VM's events, journal to model; {@link VmEventCodec} is the way there. */
final class VmEventDecoder {
    private VmEventDecoder() {}

    static VmEvent decode(dev.neurath.proto.v1.VmEvent message) {
        return switch (message.getEventCase()) {
            case START_ORDERED -> decode(message.getStartOrdered());
            case ADOPT_ORDERED -> decode(message.getAdoptOrdered());
            case STARTED -> decode(message.getStarted());
            case START_FAILED -> {
                var m = message.getStartFailed();
                yield new VmEvent.StartFailed(
                        VmCodec.refusal(m.hasRefusal(), m.getRefusal(), "VmEvent.StartFailed.refusal"),
                        VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.StartFailed.stamp"));
            }
            case UPGRADE_BEGUN -> {
                var m = message.getUpgradeBegun();
                yield new VmEvent.UpgradeBegun(
                        VmCodec.attempt(m.hasAttempt(), m.getAttempt(), "VmEvent.UpgradeBegun.attempt"),
                        m.getAttemptNumber());
            }
            case PREPARED -> {
                var m = message.getPrepared();
                yield new VmEvent.Prepared(
                        generation(m.getGeneration(), "VmEvent.Prepared.generation"),
                        VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.Prepared.stamp"));
            }
            case SWITCH_AUTHORIZED ->
                new VmEvent.SwitchAuthorized(generation(
                        message.getSwitchAuthorized().getGeneration(), "VmEvent.SwitchAuthorized.generation"));
            case UPGRADE_REFUSED -> {
                var m = message.getUpgradeRefused();
                yield new VmEvent.UpgradeRefused(
                        generation(m.getGeneration(), "VmEvent.UpgradeRefused.generation"),
                        VmCodec.refusal(m.hasRefusal(), m.getRefusal(), "VmEvent.UpgradeRefused.refusal"),
                        VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.UpgradeRefused.stamp"));
            }
            case HANDED_OVER -> decode(message.getHandedOver());
            case ROLLED_BACK -> decode(message.getRolledBack());
            case ATTEMPT_CLOSED -> {
                var m = message.getAttemptClosed();
                yield new VmEvent.AttemptClosed(
                        generation(m.getGeneration(), "VmEvent.AttemptClosed.generation"),
                        VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.AttemptClosed.stamp"));
            }
            case CONTACT_LOST -> {
                var m = message.getContactLost();
                yield new VmEvent.ContactLost(
                        generation(m.getGeneration(), "VmEvent.ContactLost.generation"),
                        VmCodec.decode(m.getDuring(), "VmEvent.ContactLost.during"));
            }
            case VERIFIED -> {
                var m = message.getVerified();
                yield new VmEvent.Verified(
                        generation(m.getGeneration(), "VmEvent.Verified.generation"),
                        VmCodec.decode(m.getHealth(), "VmEvent.Verified.health"),
                        m.getEvidence(),
                        VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.Verified.stamp"));
            }
            case GUEST_SILENT -> {
                var m = message.getGuestSilent();
                yield new VmEvent.GuestSilent(
                        generation(m.getGeneration(), "VmEvent.GuestSilent.generation"),
                        m.getEvidence(),
                        VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.GuestSilent.stamp"));
            }
            case DOUBLE_RUN_FOUND -> {
                var m = message.getDoubleRunFound();
                yield new VmEvent.DoubleRunFound(
                        generation(m.getGeneration(), "VmEvent.DoubleRunFound.generation"),
                        m.getSentence(),
                        VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.DoubleRunFound.stamp"));
            }
            case ENDED -> {
                var m = message.getEnded();
                yield new VmEvent.Ended(
                        m.getReason(),
                        m.getSentence(),
                        VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.Ended.stamp"));
            }
            case LOST -> {
                var m = message.getLost();
                yield new VmEvent.Lost(
                        generation(m.getGeneration(), "VmEvent.Lost.generation"),
                        m.getSentence(),
                        VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.Lost.stamp"));
            }
            case STOP_ORDERED -> {
                var m = message.getStopOrdered();
                yield new VmEvent.StopOrdered(
                        generation(m.getGeneration(), "VmEvent.StopOrdered.generation"), Fields.actor(m.getBy()));
            }
            case HOLD_PLACED -> {
                var m = message.getHoldPlaced();
                yield new VmEvent.HoldPlaced(m.getReason(), Fields.actor(m.getBy()));
            }
            case HOLD_LIFTED ->
                new VmEvent.HoldLifted(Fields.actor(message.getHoldLifted().getBy()));
            case RELEASED ->
                new VmEvent.Released(Fields.actor(message.getReleased().getBy()));
            case HOST_DECLARED_DEAD -> {
                var m = message.getHostDeclaredDead();
                yield new VmEvent.HostDeclaredDead(
                        Fields.host(m.getHost(), "VmEvent.HostDeclaredDead.host"),
                        m.getEvidence(),
                        Fields.actor(m.getBy()));
            }
            case REVISION_SEEN -> decode(message.getRevisionSeen());
            case EVENT_NOT_SET -> throw MalformedMessage.noKind(message, "VmEvent.event");
        };
    }

    private static VmEvent decode(dev.neurath.proto.v1.VmEvent.StartOrdered m) {
        return new VmEvent.StartOrdered(
                VmCodec.spec(m.hasSpec(), m.getSpec(), "VmEvent.StartOrdered.spec"),
                Fields.host(m.getHost(), "VmEvent.StartOrdered.host"),
                generation(m.getGeneration(), "VmEvent.StartOrdered.generation"),
                Fields.actor(m.getBy()));
    }

    private static VmEvent decode(dev.neurath.proto.v1.VmEvent.AdoptOrdered m) {
        return new VmEvent.AdoptOrdered(
                VmCodec.spec(m.hasSpec(), m.getSpec(), "VmEvent.AdoptOrdered.spec"),
                Fields.host(m.getHost(), "VmEvent.AdoptOrdered.host"),
                generation(m.getGeneration(), "VmEvent.AdoptOrdered.generation"),
                VmCodec.adoption(m.hasAdoption(), m.getAdoption(), "VmEvent.AdoptOrdered.adoption"),
                Fields.actor(m.getBy()));
    }

    private static VmEvent decode(dev.neurath.proto.v1.VmEvent.Started m) {
        return new VmEvent.Started(
                VmCodec.revision(m.hasRevision(), m.getRevision(), "VmEvent.Started.revision"),
                VmCodec.process(m.hasProcess(), m.getProcess(), "VmEvent.Started.process"),
                VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.Started.stamp"));
    }

    private static VmEvent decode(dev.neurath.proto.v1.VmEvent.HandedOver m) {
        return new VmEvent.HandedOver(
                generation(m.getGeneration(), "VmEvent.HandedOver.generation"),
                VmCodec.pause(m.hasPause(), m.getPause(), "VmEvent.HandedOver.pause"),
                VmCodec.revision(m.hasRevision(), m.getRevision(), "VmEvent.HandedOver.revision"),
                VmCodec.process(m.hasProcess(), m.getProcess(), "VmEvent.HandedOver.process"),
                VmCodec.footprint(m.hasFootprint(), m.getFootprint(), "VmEvent.HandedOver.footprint"),
                VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.HandedOver.stamp"));
    }

    private static VmEvent decode(dev.neurath.proto.v1.VmEvent.RolledBack m) {
        return new VmEvent.RolledBack(
                generation(m.getGeneration(), "VmEvent.RolledBack.generation"),
                VmCodec.pause(m.hasPause(), m.getPause(), "VmEvent.RolledBack.pause"),
                m.getReason(),
                m.getSentence(),
                m.getReachedSwitching(),
                VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.RolledBack.stamp"));
    }

    private static VmEvent decode(dev.neurath.proto.v1.VmEvent.RevisionSeen m) {
        return new VmEvent.RevisionSeen(
                VmCodec.revision(m.hasRevision(), m.getRevision(), "VmEvent.RevisionSeen.revision"),
                VmCodec.process(m.hasProcess(), m.getProcess(), "VmEvent.RevisionSeen.process"),
                generation(m.getHighest(), "VmEvent.RevisionSeen.highest"),
                VmCodec.stamp(m.hasStamp(), m.getStamp(), "VmEvent.RevisionSeen.stamp"));
    }

    private static Generation generation(long value, String field) {
        return Fields.generation(value, field);
    }
}
