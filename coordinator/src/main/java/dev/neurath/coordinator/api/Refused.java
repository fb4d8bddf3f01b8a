package dev.neurath.coordinator.api;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import dev.neurath.codec.VmCodec;
import dev.neurath.model.Refusal;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/**
 * A refusal on its way to the caller: the status code for programs that know gRPC only, the refusal itself in the status details for those that
 * know us.
 */
final class Refused {
    private Refused() {}

    /** Expected: the state of things does not allow it now. */
    static StatusRuntimeException precondition(Refusal refusal) {
        return status(Code.FAILED_PRECONDITION, refusal);
    }

    static StatusRuntimeException notFound(Refusal refusal) {
        return status(Code.NOT_FOUND, refusal);
    }

    static StatusRuntimeException badInput(Refusal refusal) {
        return status(Code.INVALID_ARGUMENT, refusal);
    }

    /** Nothing is known about whether it happened; asking again, here or elsewhere, is safe. */
    static StatusRuntimeException unavailable(String reason) {
        return status(
                Code.UNAVAILABLE, Refusal.of("UNAVAILABLE", reason, "the same command again, here or on another node"));
    }

    /** Nobody knows who asks. */
    static StatusRuntimeException unauthenticated(Refusal refusal) {
        return status(Code.UNAUTHENTICATED, refusal);
    }

    /** It is known who asks, and they may not. */
    static StatusRuntimeException notAllowed(Refusal refusal) {
        return status(Code.PERMISSION_DENIED, refusal);
    }

    /** By the code's own meaning: what ends in _UNKNOWN names something that does not exist. */
    static StatusRuntimeException of(Refusal refusal) {
        return refusal.code().endsWith("_UNKNOWN") ? notFound(refusal) : precondition(refusal);
    }

    private static StatusRuntimeException status(Code code, Refusal refusal) {
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(code.getNumber())
                .setMessage(refusal.sentence())
                .addDetails(Any.pack(VmCodec.encode(refusal)))
                .build());
    }
}
