package dev.neurath.coordinator.api;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * A call that can be ended from outside while its service is at work on it: what the service says afterwards is dropped, as if the caller had gone.
 *
 * @param <Q> request
 * @param <A> answer
 */
final class JudgedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private boolean over;

    JudgedCall(ServerCall<Q, A> call) {
        super(call);
    }

    synchronized void end(StatusRuntimeException why) {
        Metadata trailers = why.getTrailers();
        close(why.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!over) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(A message) {
        if (!over) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!over) {
            over = true;
            super.close(status, trailers);
        }
    }

    @Override
    public boolean isCancelled() {
        return isOver() || super.isCancelled();
    }

    private synchronized boolean isOver() {
        return over;
    }
}
