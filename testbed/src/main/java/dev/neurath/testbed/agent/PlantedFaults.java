package dev.neurath.testbed.agent;

import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.agent.os.Linux;
import dev.neurath.agent.process.PidFd;
import dev.neurath.agent.process.ProcessIdentity;
import dev.neurath.agent.process.ProcessScan;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes the new QEMU of some VMs fail, by what can happen to any process: it is killed, it stands still, or it was started slightly
 * wrong. The agent is told nothing, and finds out as it would in earnest.
 *
 * @param directory a file per VM, read at each attempt
 */
record PlantedFaults(Path directory) implements HoldPoints {
    /** Of some 300 KB that cross: the guest stands still by then, and much of its devices' state is still to come. */
    private static final long MID_STREAM_BYTES = 64 << 10;

    private static final Duration DEATH = Duration.ofSeconds(10);

    @Override
    public List<String> argv(VmId vm, Generation generation, List<String> argv) {
        if (fault(vm).filter(FailureMode.REFUSE::equals).isEmpty()) {
            return argv;
        }
        // The old QEMU's stream has the state of a device that this one will not have: seen only when it arrives.
        List<String> bent = new ArrayList<>(argv);
        bent.addAll(List.of("-machine", "hpet=off"));
        return bent;
    }

    @Override
    public Path stream(VmId vm, Generation generation, Path socket) {
        return switch (fault(vm).orElse(FailureMode.REFUSE)) {
            case HANG -> cutting(vm, generation, socket, Linux.SIGSTOP);
            case DIE -> cutting(vm, generation, socket, Linux.SIGKILL);
            case REFUSE, STAGED_DIE -> socket;
        };
    }

    @Override
    public void before(VmId vm, Generation generation, Step step) {
        if (step == Step.LOG_COMMIT
                && fault(vm).filter(FailureMode.STAGED_DIE::equals).isPresent()) {
            signalNew(vm, generation, Linux.SIGKILL);
        }
    }

    private static Path cutting(VmId vm, Generation generation, Path socket, int signal) {
        try {
            return CuttingProxy.before(socket, MID_STREAM_BYTES, () -> signalNew(vm, generation, signal))
                    .path();
        } catch (IOException e) {
            throw new UncheckedIOException("no proxy before " + socket, e);
        }
    }

    private static void signalNew(VmId vm, Generation generation, int signal) {
        try {
            for (ProcessIdentity process : ProcessScan.withTag(vm + "." + generation + ".")) {
                Optional<PidFd> opened = PidFd.open(process);
                if (opened.isPresent()) {
                    try (PidFd qemu = opened.get()) {
                        if (qemu.signal(signal) && signal == Linux.SIGKILL) {
                            qemu.awaitExit(DEATH);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the fault planted for " + vm + " could not happen", e);
        }
    }

    private Optional<FailureMode> fault(VmId vm) {
        Path file = directory.resolve(vm.toString());
        try {
            return Files.exists(file)
                    ? Optional.of(FailureMode.parse(Files.readString(file).strip()))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("the fault planted for " + vm + " cannot be read", e);
        }
    }
}
