package dev.neurath.agent.release;

import java.io.IOException;
import java.nio.file.Path;

/** A release that cannot be used, with the file that is to blame. */
public final class ReleaseFailure extends IOException {
    public enum Reason {
        /** The manifest is no manifest. */
        UNREADABLE,
        MISSING,
        NOT_EXECUTABLE,
        WRONG_HASH
    }

    private final Reason reason;
    private final Path file;

    ReleaseFailure(Reason reason, Path file, String sentence) {
        super(sentence);
        this.reason = reason;
        this.file = file;
    }

    public Reason reason() {
        return reason;
    }

    public Path file() {
        return file;
    }
}
