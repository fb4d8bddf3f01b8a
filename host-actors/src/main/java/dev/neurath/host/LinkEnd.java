package dev.neurath.host;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Refusal;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;

/** How a stream ends, so that the agent knows whether to dial again, dial elsewhere, or tell a human. */
final class LinkEnd {
    private LinkEnd() {}

    /** Dialing again does not help, unless the refusal's way out says so. */
    static StatusException refused(Refusal refusal) {
        return because(Code.FAILED_PRECONDITION, refusal);
    }

    /** Its certificate does not allow what it asks for. */
    static StatusException notAllowed(Refusal refusal) {
        return because(Code.PERMISSION_DENIED, refusal);
    }

    /** Another session of the same agent counts now, or this one was given up: dialing again is right. */
    static StatusException replaced(Refusal refusal) {
        return because(Code.ABORTED, refusal);
    }

    /** What it sent is not of this protocol. */
    static StatusException malformed(String why) {
        return of(Code.INVALID_ARGUMENT, why);
    }

    /** It does not read what we send. */
    static StatusException tooSlow(int limit) {
        return of(Code.RESOURCE_EXHAUSTED, "more than " + limit + " messages wait for this agent: dial again");
    }

    /** Nothing is wrong with the agent: dial this or another node again. */
    static StatusException unavailable(String why) {
        return of(Code.UNAVAILABLE, why);
    }

    private static StatusException because(Code code, Refusal refusal) {
        return StatusProto.toStatusException(Status.newBuilder()
                .setCode(code.getNumber())
                .setMessage(refusal.code() + ": " + refusal.sentence())
                .addDetails(Any.pack(VmCodec.encode(refusal)))
                .build());
    }

    private static StatusException of(Code code, String why) {
        return StatusProto.toStatusException(
                Status.newBuilder().setCode(code.getNumber()).setMessage(why).build());
    }
}
