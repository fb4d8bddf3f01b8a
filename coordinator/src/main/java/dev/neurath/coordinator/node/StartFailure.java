package dev.neurath.coordinator.node;

import org.jspecify.annotations.Nullable;

/** Why a node cannot start or go on, as one sentence for the person who started it. */
public final class StartFailure extends RuntimeException {
    public static final int FAILED = 1;
    public static final int USAGE = 2;

    private final int exitCode;

    private StartFailure(int exitCode, String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
        this.exitCode = exitCode;
    }

    public static StartFailure usage(String sentence) {
        return new StartFailure(USAGE, sentence, null);
    }

    public static StartFailure failed(String sentence, @Nullable Throwable cause) {
        return new StartFailure(FAILED, sentence, cause);
    }

    public int exitCode() {
        return exitCode;
    }
}
