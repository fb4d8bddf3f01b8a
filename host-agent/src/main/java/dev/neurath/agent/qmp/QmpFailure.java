package dev.neurath.agent.qmp;

import java.io.IOException;

/**
 * Why a QMP exchange did not give an answer.
 *
 * <p>Two questions are always answered: what went wrong, and whether any byte of the command may have reached QEMU. Only
 * {@link Sent#NOT_SENT} proves that the command has no effect.
 */
public sealed class QmpFailure extends IOException {
    /** What went wrong; all but TIMED_OUT and REFUSED end the connection. */
    public enum Reason {
        /** Nobody listens at the path, or the path cannot be one. */
        NOT_REACHABLE,
        /** Connected, but no greeting: QEMU serves one client per monitor, the door is in use. */
        MONITOR_BUSY,
        /** What came was not QMP. */
        GARBAGE,
        LINE_TOO_LONG,
        /** More replies and events than the receiver took in time. */
        BACKLOG,
        /** The connection ended. */
        CLOSED,
        /** No answer in time; the connection stays. */
        TIMED_OUT,
        /** QEMU answered with an error. */
        REFUSED
    }

    /** Whether the command may have reached QEMU. */
    public enum Sent {
        NOT_SENT,
        MAYBE_SENT
    }

    private final Reason reason;
    private final Sent sent;

    QmpFailure(Reason reason, Sent sent, String sentence) {
        super(sentence);
        this.reason = reason;
        this.sent = sent;
    }

    public Reason reason() {
        return reason;
    }

    public Sent sent() {
        return sent;
    }

    /** QEMU's own refusal of one command, with the error class of the QMP specification and its words. */
    public static final class Refused extends QmpFailure {
        private final String errorClass;
        private final String description;

        Refused(String command, String errorClass, String description) {
            super(Reason.REFUSED, Sent.MAYBE_SENT, command + " was refused: " + errorClass + ": " + description);
            this.errorClass = errorClass;
            this.description = description;
        }

        public String errorClass() {
            return errorClass;
        }

        public String description() {
            return description;
        }
    }
}
