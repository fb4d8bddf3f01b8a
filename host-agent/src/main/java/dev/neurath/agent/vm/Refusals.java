package dev.neurath.agent.vm;

import dev.neurath.model.Refusal;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The agent's refusals with their ways out, and which ends of an attempt are refusals. */
final class Refusals {
    /** Found before anything of the guest was touched, by looking at it or at the release. */
    private static final Map<String, String> WAYS_OUT = Map.ofEntries(
            Map.entry("STALE_PLAN", "neurath plan again"),
            Map.entry("RUNSTATE", "let its owner continue it, then neurath rollout retry"),
            Map.entry("JOB_ACTIVE", "wait for the job or cancel it, then neurath rollout retry"),
            Map.entry("ARGV_STALE", "undo the change on the running machine, or migrate it"),
            Map.entry("MACHINE_DIFFERS", "choose a release that builds the same machine"),
            Map.entry("MACHINE_TYPE_UNKNOWN", "choose a release that knows this machine type"),
            Map.entry("MACHINE_TYPE_ALIAS", "name the versioned machine type in the VM's description"),
            Map.entry("MEMORY_NOT_SHARED", "the VM has to be started again with shared memory"),
            Map.entry("METHOD_NOT_POSSIBLE", "another method is tried if the plan has one"),
            Map.entry("RELEASE_UNKNOWN", "neurath release register"),
            Map.entry("RELEASE_MISSING", "install the release's files on this host"),
            Map.entry("RELEASE_WRONG_HASH", "install the registered files again; somebody changed them"),
            Map.entry("RELEASE_UNSIGNED", "neurath release sign -f MANIFEST --key CA/release.key, then register it"),
            Map.entry(
                    "RELEASE_SIGNATURE_WRONG",
                    "compare it with the manifest that was signed; neurath release sign -f MANIFEST --key CA/release.key"),
            Map.entry("RELEASE_NOT_EXECUTABLE", "make the release's program executable"),
            Map.entry(
                    "RELEASE_OUT_OF_REACH",
                    "open the release's files and the directories above them to that user, then neurath rollout retry"),
            Map.entry("RELEASE_CHANGED", "neurath rollout retry"),
            Map.entry("RELEASE_VERSION", "register the release again with what its binary says"),
            Map.entry("GUEST_CHANGED", "neurath rollout retry"),
            Map.entry("OLD_NOT_HEARD", "neurath rollout retry"),
            Map.entry("LOG_UNREADABLE", "start the agent in the version that wrote the log, or with the log put right"),
            Map.entry("RECOVERY_FAILED", "put right what the agent's log names, then restart the agent"),
            Map.entry("LOG_SPACE", "make room in the agent's state directory"),
            Map.entry("WRITE_FAILED", "look at the disk of the agent's state directory"),
            Map.entry("NO_ROOM_FOR_MEMORY", "make the tmpfs larger or start the VM on another host"),
            Map.entry("VM_RUNS_HERE", "neurath vm show"),
            Map.entry("LEASE_EXPIRED", "neurath rollout retry"),
            Map.entry("EXTRA_ARGUMENT", "take it out of the VM's extraArguments"),
            Map.entry("TAP_NOT_POSSIBLE", "leave tap out: the NIC is then on QEMU's user network"),
            Map.entry(
                    "REHEARSAL_REFUSED",
                    "choose another release; the guest's state may change when it is booted again"),
            Map.entry("REHEARSAL_INCONCLUSIVE", "choose another release, or plan without the rehearsal"),
            Map.entry(
                    "IDENTITY_UNSURE",
                    "start it so that it makes its own QMP socket, by a path that its command line names"),
            Map.entry("ARGUMENT_UNKNOWN", "start it without that option, or in the agent version that knows it"),
            Map.entry("BACKEND_EXCLUSIVE", "start it with a unix socket or a tap device in its place"),
            Map.entry(
                    "FD_NOT_TRANSFERABLE",
                    "start it so that it opens that by itself; only single-queue tap devices are carried"),
            Map.entry("DEVICE_CLASS", "unplug it, or migrate the VM"),
            Map.entry("NO_FUNCTION_LEVEL_RESET", "unplug the host device, or migrate the VM without it"),
            Map.entry("DISCARD_DATA", "start it again without discard-data=on"),
            Map.entry(
                    "DISK_NOT_REOPENABLE",
                    "start it again with its disks under absolute paths, and without snapshot=on"),
            Map.entry("SURROUNDINGS", "run the agent where it can give another process the same, or change the QEMU's"),
            Map.entry(
                    "MEMORY_PRIVATE",
                    "start it again with all its memory in a shared file: memory-backend-file,share=on,mem-path=FILE"),
            Map.entry(
                    "MEMORY_NOT_A_NAMED_FILE",
                    "start it again with memory-backend-file,share=on,mem-path=FILE, and keep the file"),
            Map.entry(
                    "AUX_RAM_NOT_SHARED",
                    "start it again with -machine aux-ram-share=on, or with its memory in a named file"),
            Map.entry("IO_STALLED", "put the disk right and let the guest go on, then ask again"),
            Map.entry("SUPERVISED", "have the supervisor leave it alone, then neurath vm adopt --consent supervised"),
            Map.entry("MONITOR_BUSY", "end the other connection to it, or name another QMP socket of the same QEMU"),
            Map.entry("MONITOR_UNREACHABLE", "name the QMP socket of a QEMU that runs"),
            Map.entry("NOTHING_FOUND", "name a QMP socket of a running QEMU, as this host sees it"),
            Map.entry("INSPECTION_FAILED", "look at the agent's log, then ask again"),
            Map.entry("INPUT_INVALID", "correct it"),
            Map.entry("QUESTION_UNKNOWN", "install the agent that belongs to this coordinator"),
            Map.entry("OLD_GONE", "neurath vm show"));

    /** With cpr-transfer these say that this pair of QEMUs cannot do it that way, as long as the guest was never stopped. */
    private static final Set<String> METHOD_FAILED =
            Set.of("QMP_REFUSED", "NEW_DIED", "NEW_REFUSED_STATE", "TRANSFER_FAILED", "NEW_MUTE");

    private Refusals() {}

    static Refusal of(String code, String sentence) {
        return Refusal.of(code, sentence, WAYS_OUT.getOrDefault(code, "neurath explain, then neurath rollout retry"));
    }

    /** @return empty if it was a failure, not a refusal */
    static Optional<Refusal> ofAttempt(Outcome.AsItWas end, Optional<Method> method) {
        boolean stopped = !(end.pause() instanceof Pause.None);
        if (!stopped && method.equals(Optional.of(Method.CPR_TRANSFER)) && METHOD_FAILED.contains(end.reason())) {
            return Optional.of(of("METHOD_NOT_POSSIBLE", "cpr-transfer did not work here: " + end.sentence()));
        }
        return !end.reachedSwitching() && WAYS_OUT.containsKey(end.reason())
                ? Optional.of(of(end.reason(), end.sentence()))
                : Optional.empty();
    }
}
