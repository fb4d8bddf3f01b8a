package dev.neurath.codec;

import static dev.neurath.codec.Fields.require;

import dev.neurath.model.Refusal;
import dev.neurath.model.vm.Adoption;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import java.time.Duration;

/**
 * The values that events, facts, orders and the API share, model to protobuf and back.
 *
 * <p>Total both ways: every value of the model has a message, and a message that has none is a {@link MalformedMessage}, never a default. Events,
 * facts, orders and the state have codecs of their own, which lean on this one.
 */
public final class VmCodec {
    private VmCodec() {}

    public static com.google.protobuf.Duration encode(Duration duration) {
        return Fields.encode(duration);
    }

    public static dev.neurath.proto.v1.VmSpec encode(VmSpec spec) {
        return VmSpecCodec.encode(spec);
    }

    public static VmSpec decode(dev.neurath.proto.v1.VmSpec message) {
        return VmSpecCodec.decode(message);
    }

    public static dev.neurath.proto.v1.Refusal encode(Refusal refusal) {
        return dev.neurath.proto.v1.Refusal.newBuilder()
                .setCode(refusal.code())
                .setSentence(refusal.sentence())
                .setWayOut(refusal.wayOut())
                .build();
    }

    public static Refusal decode(dev.neurath.proto.v1.Refusal message) {
        return new Refusal(message.getCode(), message.getSentence(), message.getWayOut());
    }

    public static dev.neurath.proto.v1.Adoption encode(Adoption adoption) {
        return dev.neurath.proto.v1.Adoption.newBuilder()
                .setProcess(encode(adoption.process()))
                .setSupervisedConsent(adoption.supervisedConsent())
                .build();
    }

    static Adoption adoption(boolean present, dev.neurath.proto.v1.Adoption message, String field) {
        require(present, field);
        return new Adoption(
                process(message.hasProcess(), message.getProcess(), field + ".process"),
                message.getSupervisedConsent());
    }

    public static dev.neurath.proto.v1.Revision encode(Revision revision) {
        return dev.neurath.proto.v1.Revision.newBuilder()
                .setRelease(revision.release().value())
                .setVersion(revision.version())
                .setBinarySha256(revision.binarySha256())
                .build();
    }

    public static Revision decode(dev.neurath.proto.v1.Revision message) {
        return new Revision(
                Fields.release(message.getRelease(), "Revision.release"),
                message.getVersion(),
                message.getBinarySha256());
    }

    public static dev.neurath.proto.v1.QemuProcess encode(QemuProcess process) {
        return dev.neurath.proto.v1.QemuProcess.newBuilder()
                .setBootId(process.bootId())
                .setPid(process.pid())
                .setStartTicks(process.startTicks())
                .setQmp(process.qmp())
                .build();
    }

    public static QemuProcess decode(dev.neurath.proto.v1.QemuProcess message) {
        return new QemuProcess(message.getBootId(), message.getPid(), message.getStartTicks(), message.getQmp());
    }

    public static dev.neurath.proto.v1.Attempt encode(Attempt attempt) {
        return dev.neurath.proto.v1.Attempt.newBuilder()
                .setGeneration(attempt.generation().value())
                .setRollout(attempt.rollout().value())
                .setWave(attempt.wave())
                .setRelease(attempt.release().value())
                .setMethod(encode(attempt.method()))
                .setFromVersion(attempt.fromVersion())
                .setPauseLimit(Fields.encode(attempt.pauseLimit()))
                .setRehearsal(encode(attempt.rehearsal()))
                .build();
    }

    public static Attempt decode(dev.neurath.proto.v1.Attempt message) {
        return new Attempt(
                Fields.generation(message.getGeneration(), "Attempt.generation"),
                Fields.rollout(message.getRollout(), "Attempt.rollout"),
                message.getWave(),
                Fields.release(message.getRelease(), "Attempt.release"),
                decode(message.getMethod(), "Attempt.method"),
                message.getFromVersion(),
                Fields.duration(message.hasPauseLimit(), message.getPauseLimit(), "Attempt.pause_limit"),
                decode(message.getRehearsal(), "Attempt.rehearsal"));
    }

    public static dev.neurath.proto.v1.Rehearsal encode(Rehearsal rehearsal) {
        return switch (rehearsal) {
            case NONE -> dev.neurath.proto.v1.Rehearsal.REHEARSAL_NONE;
            case ADVISES -> dev.neurath.proto.v1.Rehearsal.REHEARSAL_ADVISES;
            case DECIDES -> dev.neurath.proto.v1.Rehearsal.REHEARSAL_DECIDES;
        };
    }

    public static Rehearsal decode(dev.neurath.proto.v1.Rehearsal message, String field) {
        return switch (message) {
            case REHEARSAL_NONE -> Rehearsal.NONE;
            case REHEARSAL_ADVISES -> Rehearsal.ADVISES;
            case REHEARSAL_DECIDES -> Rehearsal.DECIDES;
            case UNRECOGNIZED -> throw new MalformedMessage(field, "is unknown");
        };
    }

    public static dev.neurath.proto.v1.FactStamp encode(FactStamp stamp) {
        return dev.neurath.proto.v1.FactStamp.newBuilder()
                .setIncarnation(stamp.incarnation())
                .setSequence(stamp.sequence())
                .build();
    }

    public static FactStamp decode(dev.neurath.proto.v1.FactStamp message) {
        return new FactStamp(message.getIncarnation(), message.getSequence());
    }

    public static dev.neurath.proto.v1.Pause encode(Pause pause) {
        var out = dev.neurath.proto.v1.Pause.newBuilder();
        return switch (pause) {
            case Pause.None none -> out.setNone(true).build();
            case Pause.Measured measured ->
                out.setMeasured(Fields.encode(measured.duration())).build();
            case Pause.Unknown unknown ->
                out.setAtLeast(Fields.encode(unknown.atLeast())).build();
        };
    }

    public static Pause decode(dev.neurath.proto.v1.Pause message) {
        return switch (message.getPauseCase()) {
            case NONE -> new Pause.None();
            case MEASURED -> new Pause.Measured(Fields.duration(true, message.getMeasured(), "Pause.measured"));
            case AT_LEAST -> new Pause.Unknown(Fields.duration(true, message.getAtLeast(), "Pause.at_least"));
            case PAUSE_NOT_SET -> throw MalformedMessage.missing("Pause.pause");
        };
    }

    public static dev.neurath.proto.v1.Footprint encode(Outcome.Footprint footprint) {
        return dev.neurath.proto.v1.Footprint.newBuilder()
                .setExtraMemoryBytes(footprint.extraMemoryBytes())
                .setExtraCpuMillis(footprint.extraCpuMillis())
                .build();
    }

    public static Outcome.Footprint decode(dev.neurath.proto.v1.Footprint message) {
        return new Outcome.Footprint(message.getExtraMemoryBytes(), message.getExtraCpuMillis());
    }

    public static dev.neurath.proto.v1.Outcome encode(Outcome outcome) {
        return OutcomeCodec.encode(outcome);
    }

    public static Outcome decode(dev.neurath.proto.v1.Outcome message) {
        return OutcomeCodec.decode(message);
    }

    public static dev.neurath.proto.v1.Method encode(Method method) {
        return switch (method) {
            case CPR_TRANSFER -> dev.neurath.proto.v1.Method.METHOD_CPR_TRANSFER;
            case SHARED_RAM -> dev.neurath.proto.v1.Method.METHOD_SHARED_RAM;
        };
    }

    /** @param field that holds it, for the error */
    public static Method decode(dev.neurath.proto.v1.Method message, String field) {
        return switch (message) {
            case METHOD_CPR_TRANSFER -> Method.CPR_TRANSFER;
            case METHOD_SHARED_RAM -> Method.SHARED_RAM;
            case METHOD_UNSPECIFIED, UNRECOGNIZED ->
                throw new MalformedMessage(field, "is no known method: " + message);
        };
    }

    public static dev.neurath.proto.v1.Health encode(Health health) {
        return switch (health) {
            case ALIVE -> dev.neurath.proto.v1.Health.HEALTH_ALIVE;
            case SILENT -> dev.neurath.proto.v1.Health.HEALTH_SILENT;
            case UNKNOWN -> dev.neurath.proto.v1.Health.HEALTH_UNKNOWN;
        };
    }

    /** @param field that holds it, for the error */
    public static Health decode(dev.neurath.proto.v1.Health message, String field) {
        return switch (message) {
            case HEALTH_ALIVE -> Health.ALIVE;
            case HEALTH_SILENT -> Health.SILENT;
            case HEALTH_UNKNOWN -> Health.UNKNOWN;
            case HEALTH_UNSPECIFIED, UNRECOGNIZED ->
                throw new MalformedMessage(field, "is no known health: " + message);
        };
    }

    public static dev.neurath.proto.v1.VmPhase encode(VmPhase phase) {
        return switch (phase) {
            case ABSENT -> dev.neurath.proto.v1.VmPhase.VM_PHASE_ABSENT;
            case STARTING -> dev.neurath.proto.v1.VmPhase.VM_PHASE_STARTING;
            case STEADY -> dev.neurath.proto.v1.VmPhase.VM_PHASE_STEADY;
            case PREPARING -> dev.neurath.proto.v1.VmPhase.VM_PHASE_PREPARING;
            case READY -> dev.neurath.proto.v1.VmPhase.VM_PHASE_READY;
            case SWITCHING -> dev.neurath.proto.v1.VmPhase.VM_PHASE_SWITCHING;
            case VERIFYING -> dev.neurath.proto.v1.VmPhase.VM_PHASE_VERIFYING;
            case UNCERTAIN -> dev.neurath.proto.v1.VmPhase.VM_PHASE_UNCERTAIN;
            case QUARANTINED -> dev.neurath.proto.v1.VmPhase.VM_PHASE_QUARANTINED;
            case STOPPING -> dev.neurath.proto.v1.VmPhase.VM_PHASE_STOPPING;
            case GONE -> dev.neurath.proto.v1.VmPhase.VM_PHASE_GONE;
            case LOST -> dev.neurath.proto.v1.VmPhase.VM_PHASE_LOST;
        };
    }

    /** @param field that holds it, for the error */
    public static VmPhase decode(dev.neurath.proto.v1.VmPhase message, String field) {
        return switch (message) {
            case VM_PHASE_ABSENT -> VmPhase.ABSENT;
            case VM_PHASE_STARTING -> VmPhase.STARTING;
            case VM_PHASE_STEADY -> VmPhase.STEADY;
            case VM_PHASE_PREPARING -> VmPhase.PREPARING;
            case VM_PHASE_READY -> VmPhase.READY;
            case VM_PHASE_SWITCHING -> VmPhase.SWITCHING;
            case VM_PHASE_VERIFYING -> VmPhase.VERIFYING;
            case VM_PHASE_UNCERTAIN -> VmPhase.UNCERTAIN;
            case VM_PHASE_QUARANTINED -> VmPhase.QUARANTINED;
            case VM_PHASE_STOPPING -> VmPhase.STOPPING;
            case VM_PHASE_GONE -> VmPhase.GONE;
            case VM_PHASE_LOST -> VmPhase.LOST;
            case VM_PHASE_UNSPECIFIED, UNRECOGNIZED ->
                throw new MalformedMessage(field, "is no known phase: " + message);
        };
    }

    static FactStamp stamp(boolean present, dev.neurath.proto.v1.FactStamp message, String field) {
        require(present, field);
        return decode(message);
    }

    static Revision revision(boolean present, dev.neurath.proto.v1.Revision message, String field) {
        require(present, field);
        return decode(message);
    }

    static QemuProcess process(boolean present, dev.neurath.proto.v1.QemuProcess message, String field) {
        require(present, field);
        return decode(message);
    }

    static Pause pause(boolean present, dev.neurath.proto.v1.Pause message, String field) {
        require(present, field);
        return decode(message);
    }

    static Refusal refusal(boolean present, dev.neurath.proto.v1.Refusal message, String field) {
        require(present, field);
        return decode(message);
    }

    static Attempt attempt(boolean present, dev.neurath.proto.v1.Attempt message, String field) {
        require(present, field);
        return decode(message);
    }

    static VmSpec spec(boolean present, dev.neurath.proto.v1.VmSpec message, String field) {
        require(present, field);
        return decode(message);
    }

    static Outcome.Footprint footprint(boolean present, dev.neurath.proto.v1.Footprint message, String field) {
        require(present, field);
        return decode(message);
    }
}
