package dev.neurath.cli;

/** What the exit code of a command says; scripts build on these numbers, so none ever changes its meaning. */
public final class ExitCode {
    public static final int OK = 0;
    public static final int ERROR = 1;
    public static final int USAGE = 2;
    public static final int ROLLOUT_FAILED = 3;
    public static final int NOT_ALLOWED = 4;
    public static final int GAVE_UP_WAITING = 5;
    public static final int STALE_PLAN = 6;
    public static final int REFUSED = 7;
    /** Ctrl-C; the JVM itself ends with it. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
