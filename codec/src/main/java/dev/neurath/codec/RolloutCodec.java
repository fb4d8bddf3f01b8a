package dev.neurath.codec;

import static dev.neurath.codec.Fields.require;

import dev.neurath.model.VmId;
import dev.neurath.model.rollout.Progress;
import dev.neurath.model.rollout.RolloutEvent;
import dev.neurath.model.rollout.RolloutPhase;
import dev.neurath.proto.v1.RolloutEvent.AbortBegun;
import dev.neurath.proto.v1.RolloutEvent.Aborted;
import dev.neurath.proto.v1.RolloutEvent.Applied;
import dev.neurath.proto.v1.RolloutEvent.BakeBegun;
import dev.neurath.proto.v1.RolloutEvent.Completed;
import dev.neurath.proto.v1.RolloutEvent.Failed;
import dev.neurath.proto.v1.RolloutEvent.HopDone;
import dev.neurath.proto.v1.RolloutEvent.MethodRefused;
import dev.neurath.proto.v1.RolloutEvent.Paused;
import dev.neurath.proto.v1.RolloutEvent.Promoted;
import dev.neurath.proto.v1.RolloutEvent.Resumed;
import dev.neurath.proto.v1.RolloutEvent.RevertAnswered;
import dev.neurath.proto.v1.RolloutEvent.RevertRequested;
import dev.neurath.proto.v1.RolloutEvent.VmEnded;
import dev.neurath.proto.v1.RolloutEvent.VmPutBack;
import dev.neurath.proto.v1.RolloutEvent.VmStarted;
import dev.neurath.proto.v1.RolloutEvent.VmsRetried;
import dev.neurath.proto.v1.VmProgress;
import java.time.Instant;
import java.util.List;

/** A rollout's events, model to journal and back, and the words of its state for the API. */
public final class RolloutCodec {
    private RolloutCodec() {}

    public static dev.neurath.proto.v1.RolloutEvent encode(RolloutEvent event) {
        var out = dev.neurath.proto.v1.RolloutEvent.newBuilder().setAt(Fields.encode(event.at()));
        switch (event) {
            case RolloutEvent.Applied e ->
                out.setApplied(
                        Applied.newBuilder().setPlan(PlanCodec.encode(e.plan())).setBy(e.by().name()));
            case RolloutEvent.VmStarted e ->
                out.setVmStarted(VmStarted.newBuilder()
                        .setVm(e.vm().value())
                        .setAttemptNumber(e.attemptNumber())
                        .setMethod(VmCodec.encode(e.method())));
            case RolloutEvent.VmEnded e -> {
                var ended = VmEnded.newBuilder()
                        .setVm(e.vm().value())
                        .setAttemptNumber(e.attemptNumber())
                        .setEnd(encode(e.end()))
                        .setReason(e.reason())
                        .setSentence(e.sentence());
                if (e.pause() != null) {
                    ended.setPause(VmCodec.encode(e.pause()));
                }
                out.setVmEnded(ended);
            }
            case RolloutEvent.HopDone e -> {
                var done = HopDone.newBuilder()
                        .setVm(e.vm().value())
                        .setAttemptNumber(e.attemptNumber())
                        .setReason(e.reason())
                        .setSentence(e.sentence());
                if (e.pause() != null) {
                    done.setPause(VmCodec.encode(e.pause()));
                }
                out.setHopDone(done);
            }
            case RolloutEvent.MethodRefused e ->
                out.setMethodRefused(MethodRefused.newBuilder()
                        .setVm(e.vm().value())
                        .setAttemptNumber(e.attemptNumber())
                        .setRefusal(VmCodec.encode(e.refusal())));
            case RolloutEvent.VmPutBack e ->
                out.setVmPutBack(VmPutBack.newBuilder()
                        .setVm(e.vm().value())
                        .setAttemptNumber(e.attemptNumber())
                        .setReason(e.reason())
                        .setSentence(e.sentence()));
            case RolloutEvent.BakeBegun e ->
                out.setBakeBegun(BakeBegun.newBuilder()
                        .setWave(e.wave())
                        .setUntil(Fields.encode(e.until()))
                        .setManual(e.manual()));
            case RolloutEvent.Promoted e ->
                out.setPromoted(Promoted.newBuilder().setWave(e.wave()).setBy(e.by().name()));
            case RolloutEvent.Paused e ->
                out.setPaused(Paused.newBuilder()
                        .setCode(e.code())
                        .setSentence(e.sentence())
                        .setBy(e.by().name()));
            case RolloutEvent.Resumed e -> out.setResumed(Resumed.newBuilder().setBy(e.by().name()));
            case RolloutEvent.AbortBegun e ->
                out.setAbortBegun(AbortBegun.newBuilder()
                        .setCode(e.code())
                        .setSentence(e.sentence())
                        .setFailing(e.failing())
                        .setBy(e.by().name()));
            case RolloutEvent.Aborted e -> out.setAborted(Aborted.getDefaultInstance());
            case RolloutEvent.Failed e ->
                out.setFailed(Failed.newBuilder().setCode(e.code()).setSentence(e.sentence()));
            case RolloutEvent.Completed e -> out.setCompleted(Completed.getDefaultInstance());
            case RolloutEvent.VmsRetried e ->
                out.setVmsRetried(VmsRetried.newBuilder()
                        .addAllVms(e.vms().stream().map(VmId::value).toList())
                        .setBy(e.by().name()));
            case RolloutEvent.RevertRequested e ->
                out.setRevertRequested(RevertRequested.newBuilder()
                        .setRollout(e.rollout().value())
                        .addAllVms(e.vms().stream().map(VmId::value).toList())
                        .setBy(e.by().name()));
            case RolloutEvent.RevertAnswered e -> {
                var answered =
                        RevertAnswered.newBuilder().setRollout(e.rollout().value());
                if (e.refusal() != null) {
                    answered.setRefusal(VmCodec.encode(e.refusal()));
                }
                out.setRevertAnswered(answered);
            }
        }
        return out.build();
    }

    public static RolloutEvent decode(dev.neurath.proto.v1.RolloutEvent message) {
        Instant at = Fields.instant(message.hasAt(), message.getAt(), "RolloutEvent.at");
        return switch (message.getEventCase()) {
            case APPLIED -> {
                Applied m = message.getApplied();
                require(m.hasPlan(), "RolloutEvent.Applied.plan");
                yield new RolloutEvent.Applied(PlanCodec.decode(m.getPlan()), Fields.actor(m.getBy()), at);
            }
            case VM_STARTED -> {
                VmStarted m = message.getVmStarted();
                yield new RolloutEvent.VmStarted(
                        Fields.vm(m.getVm(), "RolloutEvent.VmStarted.vm"),
                        m.getAttemptNumber(),
                        VmCodec.decode(m.getMethod(), "RolloutEvent.VmStarted.method"),
                        at);
            }
            case VM_ENDED -> {
                VmEnded m = message.getVmEnded();
                yield new RolloutEvent.VmEnded(
                        Fields.vm(m.getVm(), "RolloutEvent.VmEnded.vm"),
                        m.getAttemptNumber(),
                        decode(m.getEnd(), "RolloutEvent.VmEnded.end"),
                        m.hasPause() ? VmCodec.decode(m.getPause()) : null,
                        m.getReason(),
                        m.getSentence(),
                        at);
            }
            case HOP_DONE -> {
                HopDone m = message.getHopDone();
                yield new RolloutEvent.HopDone(
                        Fields.vm(m.getVm(), "RolloutEvent.HopDone.vm"),
                        m.getAttemptNumber(),
                        m.hasPause() ? VmCodec.decode(m.getPause()) : null,
                        m.getReason(),
                        m.getSentence(),
                        at);
            }
            case METHOD_REFUSED -> {
                MethodRefused m = message.getMethodRefused();
                yield new RolloutEvent.MethodRefused(
                        Fields.vm(m.getVm(), "RolloutEvent.MethodRefused.vm"),
                        m.getAttemptNumber(),
                        VmCodec.refusal(m.hasRefusal(), m.getRefusal(), "RolloutEvent.MethodRefused.refusal"),
                        at);
            }
            case VM_PUT_BACK -> {
                VmPutBack m = message.getVmPutBack();
                yield new RolloutEvent.VmPutBack(
                        Fields.vm(m.getVm(), "RolloutEvent.VmPutBack.vm"),
                        m.getAttemptNumber(),
                        m.getReason(),
                        m.getSentence(),
                        at);
            }
            case BAKE_BEGUN -> {
                BakeBegun m = message.getBakeBegun();
                yield new RolloutEvent.BakeBegun(
                        m.getWave(),
                        Fields.instant(m.hasUntil(), m.getUntil(), "RolloutEvent.BakeBegun.until"),
                        m.getManual(),
                        at);
            }
            case PROMOTED ->
                new RolloutEvent.Promoted(
                        message.getPromoted().getWave(),
                        Fields.actor(message.getPromoted().getBy()),
                        at);
            case PAUSED -> {
                Paused m = message.getPaused();
                yield new RolloutEvent.Paused(m.getCode(), m.getSentence(), Fields.actor(m.getBy()), at);
            }
            case RESUMED ->
                new RolloutEvent.Resumed(Fields.actor(message.getResumed().getBy()), at);
            case ABORT_BEGUN -> {
                AbortBegun m = message.getAbortBegun();
                yield new RolloutEvent.AbortBegun(
                        m.getCode(), m.getSentence(), m.getFailing(), Fields.actor(m.getBy()), at);
            }
            case ABORTED -> new RolloutEvent.Aborted(at);
            case FAILED ->
                new RolloutEvent.Failed(
                        message.getFailed().getCode(), message.getFailed().getSentence(), at);
            case COMPLETED -> new RolloutEvent.Completed(at);
            case VMS_RETRIED -> {
                VmsRetried m = message.getVmsRetried();
                yield new RolloutEvent.VmsRetried(
                        vms(m.getVmsList(), "RolloutEvent.VmsRetried.vms"), Fields.actor(m.getBy()), at);
            }
            case REVERT_REQUESTED -> {
                RevertRequested m = message.getRevertRequested();
                yield new RolloutEvent.RevertRequested(
                        Fields.rollout(m.getRollout(), "RolloutEvent.RevertRequested.rollout"),
                        vms(m.getVmsList(), "RolloutEvent.RevertRequested.vms"),
                        Fields.actor(m.getBy()),
                        at);
            }
            case REVERT_ANSWERED -> {
                RevertAnswered m = message.getRevertAnswered();
                yield new RolloutEvent.RevertAnswered(
                        Fields.rollout(m.getRollout(), "RolloutEvent.RevertAnswered.rollout"),
                        m.hasRefusal() ? VmCodec.decode(m.getRefusal()) : null,
                        at);
            }
            case EVENT_NOT_SET -> throw MalformedMessage.noKind(message, "RolloutEvent.event");
        };
    }

    /** ABSENT, which no rollout of the API is, has no word there. */
    public static dev.neurath.proto.v1.RolloutPhase encode(RolloutPhase phase) {
        return switch (phase) {
            case ABSENT -> dev.neurath.proto.v1.RolloutPhase.ROLLOUT_PHASE_UNSPECIFIED;
            case RUNNING -> dev.neurath.proto.v1.RolloutPhase.ROLLOUT_PHASE_RUNNING;
            case BAKING -> dev.neurath.proto.v1.RolloutPhase.ROLLOUT_PHASE_BAKING;
            case PAUSED -> dev.neurath.proto.v1.RolloutPhase.ROLLOUT_PHASE_PAUSED;
            case ABORTING -> dev.neurath.proto.v1.RolloutPhase.ROLLOUT_PHASE_ABORTING;
            case COMPLETE -> dev.neurath.proto.v1.RolloutPhase.ROLLOUT_PHASE_COMPLETE;
            case ABORTED -> dev.neurath.proto.v1.RolloutPhase.ROLLOUT_PHASE_ABORTED;
            case FAILED -> dev.neurath.proto.v1.RolloutPhase.ROLLOUT_PHASE_FAILED;
        };
    }

    public static VmProgress encode(Progress progress) {
        return switch (progress) {
            case WAITING -> VmProgress.VM_PROGRESS_WAITING;
            case IN_FLIGHT -> VmProgress.VM_PROGRESS_IN_FLIGHT;
            case UPGRADED -> VmProgress.VM_PROGRESS_UPGRADED;
            case AS_IT_WAS -> VmProgress.VM_PROGRESS_AS_IT_WAS;
            case REFUSED -> VmProgress.VM_PROGRESS_REFUSED;
            case QUARANTINED -> VmProgress.VM_PROGRESS_QUARANTINED;
            case GONE -> VmProgress.VM_PROGRESS_GONE;
            case LOST -> VmProgress.VM_PROGRESS_LOST;
        };
    }

    /** @param field that holds it, for the error */
    public static Progress decode(VmProgress message, String field) {
        return switch (message) {
            case VM_PROGRESS_WAITING -> Progress.WAITING;
            case VM_PROGRESS_IN_FLIGHT -> Progress.IN_FLIGHT;
            case VM_PROGRESS_UPGRADED -> Progress.UPGRADED;
            case VM_PROGRESS_AS_IT_WAS -> Progress.AS_IT_WAS;
            case VM_PROGRESS_REFUSED -> Progress.REFUSED;
            case VM_PROGRESS_QUARANTINED -> Progress.QUARANTINED;
            case VM_PROGRESS_GONE -> Progress.GONE;
            case VM_PROGRESS_LOST -> Progress.LOST;
            case VM_PROGRESS_UNSPECIFIED, UNRECOGNIZED ->
                throw new MalformedMessage(field, "is no known progress: " + message);
        };
    }

    private static List<VmId> vms(List<String> values, String field) {
        return values.stream().map(value -> Fields.vm(value, field)).toList();
    }
}
