package dev.neurath.agent.link;

import dev.neurath.identity.Untrusted;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** What the end of a stream says to a reader of the log. */
final class LinkStatus {
    private LinkStatus() {}

    /** Why it is this agent that does not want the node. */
    static @Nullable Untrusted untrusted(Status status) {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof Untrusted found) {
                return found;
            }
        }
        return null;
    }

    static String said(Status status) {
        Throwable cause = status.getCause();
        return status.getCode() + ": " + status.getDescription()
                + (cause == null ? "" : " (" + cause.getMessage() + ")");
    }
}
