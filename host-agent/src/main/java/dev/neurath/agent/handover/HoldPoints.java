package dev.neurath.agent.handover;

import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import dev.neurath.model.handover.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a test may hold an attempt, and bend what the new QEMU is started with. In production it does nothing; it never decides anything, it can only
 * delay a step or make a real process fail.
 */
public interface HoldPoints {
    /** The attempt goes on when this returns. */
    default void before(VmId vm, Generation generation, Step step) {}

    /** The step's effect was tried; its result is not yet known to the attempt. */
    default void after(VmId vm, Generation generation, Step step) {}

    /** What the new QEMU is started with instead. */
    default List<String> argv(VmId vm, Generation generation, List<String> argv) {
        return argv;
    }

    /** Where old sends the state to, when new listens at {@code socket}: for a proxy that throttles or cuts. */
    default Path stream(VmId vm, Generation generation, Path socket) {
        return socket;
    }

    /** A file of the agent's own is about to be written: for a disk that is full. */
    default void beforeWrite(Path file) throws IOException {}

    HoldPoints NONE = new HoldPoints() {};
}
