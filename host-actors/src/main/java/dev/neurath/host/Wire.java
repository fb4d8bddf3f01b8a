package dev.neurath.host;

import dev.neurath.proto.v1.ToAgent;
import io.grpc.StatusException;

/** One agent's stream as a session sees it: written by the session alone, never blocking. */
interface Wire {
    /** @return false if what is sent now would only pile up in memory; the session hears when it changes */
    boolean isReady();

    void send(ToAgent message);

    /** Lets the agent send one more message. */
    void requestOne();

    void end(StatusException why);
}
