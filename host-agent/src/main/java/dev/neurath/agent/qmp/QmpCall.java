package dev.neurath.agent.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** One command on its way: its bytes, how many of them have left, and whoever waits for the answer. */
final class QmpCall {
    static final int NO_FD = -1;

    final String id;
    final String command;
    final ByteBuffer bytes;
    final boolean outOfBand;
    final int passedFd;
    final CompletableFuture<JsonNode> answer = new CompletableFuture<>();

    /** Guarded by its connection's lock, as the two below. */
    @Nullable
    ScheduledFuture<?> limit;

    boolean expired;
    /** Answered, or never to be: no limit counts any more. */
    boolean settled;

    QmpCall(String id, String command, byte[] line, boolean outOfBand, int passedFd) {
        this.id = id;
        this.command = command;
        this.bytes = ByteBuffer.wrap(line);
        this.outOfBand = outOfBand;
        this.passedFd = passedFd;
    }

    QmpFailure.Sent sent() {
        return bytes.position() == 0 ? QmpFailure.Sent.NOT_SENT : QmpFailure.Sent.MAYBE_SENT;
    }

    void settle() {
        settled = true;
        if (limit != null) {
            limit.cancel(false);
        }
    }
}
