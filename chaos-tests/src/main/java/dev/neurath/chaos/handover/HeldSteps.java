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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Holds an attempt at the step that the file {@code DIR/VM} names: writes {@code DIR/VM.reached} and goes on when {@code DIR/VM} is gone. Other
 * attempts go their way. A new QEMU is started with the arguments in {@code DIR/VM.argv} besides, one per line. While there is {@code DIR/VM.full}, the
 * agent's disk has no room for that VM.
 *
 * @param directory shared with whoever wants to hold something
 */
public record HeldSteps(Path directory) implements HoldPoints {
    private static final Duration LONGEST = Duration.ofMinutes(3);
    /** Of some 300 KB: the guest stands still, and much of its devices' state is still to come. */
    private static final long MID_STREAM_BYTES = 64 << 10;

    /** After the name of a step in the middle of something: what was held goes on afterwards, and is not cut off. */
    private static final String GOES_ON = " on";

    static Path request(Path directory, VmId vm) {
        return directory.resolve(vm.value());
    }

    static Path reached(Path directory, VmId vm) {
        return directory.resolve(vm + ".reached");
    }

    static Path arguments(Path directory, VmId vm) {
        return directory.resolve(vm + ".argv");
    }

    static Path diskFull(Path directory, VmId vm) {
        return directory.resolve(vm + ".full");
    }

    /** There once a write was refused. */
    static Path diskRefused(Path directory, VmId vm) {
        return directory.resolve(vm + ".refused");
    }

    /** What to write into the request so that it goes on undisturbed. */
    static String undisturbed(CrashStep step) {
        return step.equals(CrashStep.MID_STREAM) ? step.label() + GOES_ON : step.label();
    }

    @Override
    public void before(VmId vm, Generation generation, Step step) {
        if (wanted(vm).equals(step.label())) {
            hold(vm);
        }
    }

    @Override
    public Path stream(VmId vm, Generation generation, Path socket) {
        String wanted = wanted(vm);
        if (!wanted.startsWith(CrashStep.MID_STREAM.label())) {
            return socket;
        }
        try {
            return wanted.endsWith(GOES_ON)
                    ? CuttingProxy.holding(socket, MID_STREAM_BYTES, () -> hold(vm))
                            .path()
                    : CuttingProxy.before(socket, MID_STREAM_BYTES, () -> hold(vm))
                            .path();
        } catch (IOException e) {
            throw new UncheckedIOException("no proxy before " + socket, e);
        }
    }

    @Override
    public List<String> argv(VmId vm, Generation generation, List<String> argv) {
        Path more = arguments(directory, vm);
        try {
            return Files.exists(more)
                    ? Stream.concat(argv.stream(), Files.readAllLines(more).stream())
                            .toList()
                    : argv;
        } catch (IOException e) {
            throw new UncheckedIOException("the arguments for " + vm + " cannot be read", e);
        }
    }

    @Override
    public void beforeWrite(Path file) throws IOException {
        Path state = directory.resolveSibling("");
        if (!file.startsWith(state)) {
            return;
        }
        var vm = new VmId(file.getFileName().toString().split("\\.", 2)[0]);
        if (Files.exists(diskFull(directory, vm))) {
            Files.writeString(diskRefused(directory, vm), "");
            throw new IOException(file + ": No space left on device");
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
