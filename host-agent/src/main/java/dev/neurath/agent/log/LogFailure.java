package dev.neurath.agent.log;

import java.io.IOException;

/** The log cannot do what was asked; the record in question counts as not written. */
public final class LogFailure extends IOException {
    /** A refusal code where it is known before an attempt, a failure where it is met in one. */
    public enum Reason {
        /** No memory-backed file system was found for the records written in a pause. */
        NO_TMPFS,
        /** Space for an attempt's records could not be reserved. */
        LOG_SPACE,
        WRITE_FAILED,
        /** Not readable at all, or another log's. */
        UNREADABLE
    }

    private final Reason reason;

    LogFailure(Reason reason, String sentence) {
        super(sentence);
        this.reason = reason;
    }

    LogFailure(Reason reason, String sentence, Throwable cause) {
        super(sentence + ": " + cause.getMessage(), cause);
        this.reason = reason;
    }

    /** A record that stands there and that this agent cannot act on. */
    public static LogFailure unreadable(String sentence) {
        return new LogFailure(Reason.UNREADABLE, sentence);
    }

    public Reason reason() {
        return reason;
    }
}
