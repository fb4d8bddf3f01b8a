package dev.neurath.chaos.handover;

import dev.neurath.agent.handover.HoldPoints;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Step;
import dev.neurath.testbed.agent.CuttingProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Holds an attempt at the step that the file {@code DIR/VM} names: writes {@code DIR/VM.reached} and goes on when {@code DIR/VM} is gone. Other
 * attempts go their way.
 *
 * @param directory shared with whoever wants to hold something
 */
public record HeldSteps(Path directory) implements HoldPoints {
    private static final Duration LONGEST = Duration.ofMinutes(3);
    /** Of some 300 KB: the guest stands still, and much of its devices' state is still to come. */
    private static final long MID_STREAM_BYTES = 64 << 10;

    static Path request(Path directory, VmId vm) {
        return directory.resolve(vm.value());
    }

    static Path reached(Path directory, VmId vm) {
        return directory.resolve(vm + ".reached");
    }

    @Override
    public void before(VmId vm, Generation generation, Step step) {
        if (wanted(vm).equals(step.label())) {
            hold(vm);
        }
    }

    @Override
    public Path stream(VmId vm, Generation generation, Path socket) {
        if (!wanted(vm).equals(CrashStep.MID_STREAM.label())) {
            return socket;
        }
        try {
            return CuttingProxy.before(socket, MID_STREAM_BYTES, () -> hold(vm)).path();
        } catch (IOException e) {
            throw new UncheckedIOException("no proxy before " + socket, e);
        }
    }

    private String wanted(VmId vm) {
        try {
            return Files.readString(request(directory, vm)).strip();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("the hold for " + vm + " cannot be read", e);
        }
    }

    private void hold(VmId vm) {
        try {
            Files.writeString(reached(directory, vm), "");
            long end = System.nanoTime() + LONGEST.toNanos();
            while (Files.exists(request(directory, vm)) && System.nanoTime() - end < 0) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the hold for " + vm + " cannot be kept", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
