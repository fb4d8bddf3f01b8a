package dev.neurath.cli;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.neurath.proto.v1.Method;
import dev.neurath.proto.v1.Pause;
import dev.neurath.proto.v1.Rollout;
import dev.neurath.proto.v1.Rollout.VmLine;
import dev.neurath.proto.v1.Rollout.WaveLine;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.VmProgress;

/** Rollouts in the middle of things. */
public final class Rollouts {
    private static final long MORNING = 1_788_249_600L;

    private Rollouts() {}

    /** The canary is done; of the second wave one VM went back, one is in flight. */
    public static Rollout inItsSecondWave() {
        return Rollout.newBuilder()
                .setId("r-7f3a")
                .setName("qemu-11")
                .setRelease("qemu-11.1.3")
                .setPhase(RolloutPhase.ROLLOUT_PHASE_RUNNING)
                .setWave(1)
                .setBy("local")
                .setStarted(at(0))
                .addWaves(WaveLine.newBuilder().setName("canary").setTotal(1).setUpgraded(1))
                .addWaves(WaveLine.newBuilder()
                        .setName("rest")
                        .setTotal(4)
                        .setWaiting(1)
                        .setInFlight(1)
                        .setUpgraded(1)
                        .setAsItWas(1))
                .addWaves(WaveLine.newBuilder().setName("last").setTotal(2).setWaiting(2))
                .addVms(upgraded("web-1", "h1", 0))
                .addVms(upgraded("web-2", "h1", 1))
                .addVms(vm("web-3", "h2", 1, VmProgress.VM_PROGRESS_AS_IT_WAS)
                        .setMethod(Method.METHOD_CPR_TRANSFER)
                        .setPause(Pause.newBuilder().setMeasured(millis(3, 250)))
                        .setReason("NEW_REFUSED_STATE")
                        .setSentence("the new QEMU refused the\ndevice state"))
                .addVms(vm("web-4", "h2", 1, VmProgress.VM_PROGRESS_IN_FLIGHT).setMethod(Method.METHOD_SHARED_RAM))
                .addVms(vm("web-5", "h2", 1, VmProgress.VM_PROGRESS_WAITING))
                .addVms(vm("db-1", "h1", 2, VmProgress.VM_PROGRESS_WAITING))
                .addVms(vm("db-2", "h1", 2, VmProgress.VM_PROGRESS_WAITING))
                .build();
    }

    public static Rollout complete() {
        return inItsSecondWave().toBuilder()
                .setPhase(RolloutPhase.ROLLOUT_PHASE_COMPLETE)
                .setWave(2)
                .setEnded(at(95))
                .setWaves(
                        1,
                        WaveLine.newBuilder()
                                .setName("rest")
                                .setTotal(4)
                                .setUpgraded(3)
                                .setAsItWas(1))
                .setWaves(2, WaveLine.newBuilder().setName("last").setTotal(2).setUpgraded(2))
                .setVms(3, upgraded("web-4", "h2", 1))
                .setVms(4, upgraded("web-5", "h2", 1))
                .setVms(5, upgraded("db-1", "h1", 2))
                .setVms(6, upgraded("db-2", "h1", 2))
                .build();
    }

    public static Rollout of(int vms, int waves) {
        Rollout.Builder rollout = Rollout.newBuilder()
                .setId("r-big")
                .setName("big")
                .setRelease("x")
                .setPhase(RolloutPhase.ROLLOUT_PHASE_RUNNING)
                .setWave(waves / 2);
        for (int wave = 0; wave < waves; wave++) {
            rollout.addWaves(
                    WaveLine.newBuilder().setName("w" + wave).setTotal(vms).setInFlight(vms));
        }
        for (int vm = 0; vm < vms; vm++) {
            rollout.addVms(
                    vm("vm-" + vm, "host-with-a-rather-long-name-" + vm, waves / 2, VmProgress.VM_PROGRESS_IN_FLIGHT)
                            .setReason("REASON")
                            .setSentence(
                                    "a sentence that goes on for longer than most windows are wide, and then some more of it"));
        }
        return rollout.build();
    }

    private static VmLine.Builder upgraded(String id, String host, int wave) {
        return vm(id, host, wave, VmProgress.VM_PROGRESS_UPGRADED)
                .setMethod(Method.METHOD_CPR_TRANSFER)
                .setPause(Pause.newBuilder().setMeasured(millis(4, 180)));
    }

    private static VmLine.Builder vm(String id, String host, int wave, VmProgress progress) {
        return VmLine.newBuilder()
                .setVm(id)
                .setHost(host)
                .setWave(wave)
                .setProgress(progress)
                .setAttempts(progress == VmProgress.VM_PROGRESS_WAITING ? 0 : 1);
    }

    private static Duration millis(int millis, int micros) {
        return Duration.newBuilder()
                .setNanos(millis * 1_000_000 + micros * 1_000)
                .build();
    }

    private static Timestamp at(int seconds) {
        return Timestamp.newBuilder().setSeconds(MORNING + seconds).build();
    }
}
