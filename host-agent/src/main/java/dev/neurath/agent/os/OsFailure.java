package dev.neurath.agent.os;

import java.io.IOException;

/** A system call that the kernel refused, with its errno, so that callers decide on the number and never on a text. */
public final class OsFailure extends IOException {
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int ECHILD = 10;
    public static final int EAGAIN = 11;
    public static final int EEXIST = 17;
    public static final int ENOSPC = 28;
    public static final int EADDRINUSE = 98;
    public static final int ECONNREFUSED = 111;

    private final int errno;

    OsFailure(String attempted, int errno) {
        super(attempted + ": errno " + errno + " (" + Linux.describe(errno) + ")");
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }
}
