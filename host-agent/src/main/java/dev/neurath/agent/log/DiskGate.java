package dev.neurath.agent.log;

import java.io.IOException;
import java.nio.file.Path;

/** Asked before each write to the agent's own files; what it throws is taken for the disk's answer. In production it never throws. */
public interface DiskGate {
    void beforeWrite(Path file) throws IOException;

    DiskGate OPEN = file -> {};
}
