package dev.neurath.coordinator.api;

import dev.neurath.codec.VmCodec;
import dev.neurath.model.rollout.Plan;
import dev.neurath.model.rollout.Progress;
import dev.neurath.model.rollout.RolloutPhase;
import dev.neurath.model.rollout.RolloutState;
import dev.neurath.model.rollout.VmLine;
import dev.neurath.model.rollout.VmLines;
import dev.neurath.model.vm.Method;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.VmProgress;
import java.util.List;

/** A rollout in the API's words. */
final class RolloutWire {
    private RolloutWire() {}

    static Rollout withoutVms(RolloutState rollout) {
        return head(rollout).build();
    }

    static Rollout withVms(RolloutState rollout) {
        var wire = head(rollout);
        VmLines lines = rollout.lines();
        for (int i = 0; i < lines.size(); i++) {
            wire.addVms(line(lines, i));
        }
        return wire.build();
    }

    private static Rollout.Builder head(RolloutState rollout) {
        var wire = Rollout.newBuilder()
                .setId(rollout.id().value())
                .setPhase(phase(rollout.phase()))
                .setWave(rollout.wave());
        Plan plan = rollout.plan();
        if (plan != null) {
            wire.setName(plan.name()).setRelease(plan.release().value()).setPlan(plan.id());
            for (int w = 0; w < plan.waves().size(); w++) {
                wire.addWaves(wave(rollout, plan.waves().get(w), w));
            }
        }
        RolloutState.Halt halt = rollout.halt();
        if (halt != null) {
            wire.setReason(halt.code() + ": " + halt.sentence());
        }
        if (rollout.startedAt() != null) {
            wire.setStarted(Wire.timestamp(rollout.startedAt()));
        }
        if (rollout.endedAt() != null) {
            wire.setEnded(Wire.timestamp(rollout.endedAt()));
        }
        if (rollout.by() != null) {
            wire.setBy(rollout.by().name());
        }
        return wire;
    }

    private static Rollout.WaveLine wave(RolloutState rollout, Plan.Wave wave, int index) {
        VmLines lines = rollout.lines();
        var wire = Rollout.WaveLine.newBuilder()
                .setName(wave.name())
                .setTotal(wave.assignments().size())
                .setWaiting(lines.count(index, Progress.WAITING))
                .setInFlight(lines.count(index, Progress.IN_FLIGHT))
                .setUpgraded(lines.count(index, Progress.UPGRADED))
                .setAsItWas(lines.count(index, Progress.AS_IT_WAS))
                .setRefused(lines.count(index, Progress.REFUSED))
                .setQuarantined(lines.count(index, Progress.QUARANTINED))
                .setGone(lines.count(index, Progress.GONE))
                .setLost(lines.count(index, Progress.LOST));
        if (index == rollout.wave() && rollout.bakeUntil() != null && !wave.manual()) {
            wire.setBakeUntil(Wire.timestamp(rollout.bakeUntil()));
        }
        return wire.build();
    }

    private static Rollout.VmLine line(VmLines lines, int index) {
        VmLine line = lines.get(index);
        Plan.Assignment part = lines.assignment(index);
        List<Method> methods = part.hops().get(line.hop()).methods();
        var wire = Rollout.VmLine.newBuilder()
                .setVm(part.vm().value())
                .setHost(part.host().value())
                .setWave(lines.wave(index))
                .setProgress(progress(line.progress()))
                .setMethod(VmCodec.encode(methods.get(Math.min(line.method(), methods.size() - 1))))
                .setReason(line.reason())
                .setSentence(line.sentence())
                .setAttempts(line.attempts())
                .setHops(part.hops().size())
                .setHopsDone(line.hop() + (line.progress() == Progress.UPGRADED ? 1 : 0));
        if (line.pause() != null) {
            wire.setPause(VmCodec.encode(line.pause()));
        }
        return wire.build();
    }

    private static dev.neurath.proto.v1.RolloutPhase phase(RolloutPhase phase) {
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

    private static VmProgress progress(Progress progress) {
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
}
