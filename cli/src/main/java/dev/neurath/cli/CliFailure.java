package dev.neurath.cli;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.neurath.identity.Untrusted;
import dev.neurath.proto.v1.Refusal;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.PrintStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An expected end of a command that is not success: its exit code, a sentence for a human and, where there is one, the way out. */
public final class CliFailure extends RuntimeException {
    private final int exitCode;
    private final String code;
    private final String wayOut;
    private final boolean unreachable;

    private CliFailure(
            int exitCode, String code, String sentence, String wayOut, boolean unreachable, @Nullable Throwable cause) {
        super(sentence, cause);
        this.exitCode = exitCode;
        this.code = code;
        this.wayOut = wayOut;
        this.unreachable = unreachable;
    }

    public static CliFailure of(int exitCode, String sentence, String wayOut) {
        return new CliFailure(exitCode, "", sentence, wayOut, false, null);
    }

    /** A file that somebody wrote is not what it should be. */
    public static CliFailure badFile(String code, String sentence, String wayOut) {
        return new CliFailure(ExitCode.USAGE, code, sentence, wayOut, false, null);
    }

    public static CliFailure unreachable(String sentence, String wayOut, @Nullable Throwable cause) {
        return new CliFailure(ExitCode.ERROR, "", sentence, wayOut, true, cause);
    }

    /** What a node answered; a refusal in the status details keeps its code and way out. */
    public static CliFailure from(StatusRuntimeException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof Untrusted untrusted) {
                return notTrusted(untrusted, failure);
            }
        }
        Status status = failure.getStatus();
        boolean unreachable = status.getCode() == Status.Code.UNAVAILABLE;
        Optional<Refusal> refusal = refusalIn(failure);
        if (refusal.isPresent()) {
            Refusal it = refusal.get();
            return new CliFailure(
                    exitCode(status, it.getCode()),
                    it.getCode(),
                    it.getSentence(),
                    it.getWayOut(),
                    unreachable,
                    failure);
        }
        String description = status.getDescription();
        String sentence = status.getCode() + (description == null ? "" : ": " + description);
        return new CliFailure(exitCode(status, ""), "", sentence, "", unreachable, failure);
    }

    /** Here it is the node that is not let in. */
    private static CliFailure notTrusted(Untrusted untrusted, StatusRuntimeException failure) {
        dev.neurath.model.Refusal why = untrusted.refusal();
        return new CliFailure(
                ExitCode.NOT_ALLOWED,
                why.code(),
                "the node at that address is not taken for one of this fleet: " + why.sentence(),
                why.wayOut(),
                false,
                failure);
    }

    private static int exitCode(Status status, String refusalCode) {
        return switch (status.getCode()) {
            case INVALID_ARGUMENT -> ExitCode.USAGE;
            case PERMISSION_DENIED, UNAUTHENTICATED -> ExitCode.NOT_ALLOWED;
            case FAILED_PRECONDITION -> refusalCode.equals("STALE_PLAN") ? ExitCode.STALE_PLAN : ExitCode.REFUSED;
            default -> ExitCode.ERROR;
        };
    }

    private static Optional<Refusal> refusalIn(StatusRuntimeException failure) {
        com.google.rpc.Status details = StatusProto.fromThrowable(failure);
        if (details == null) {
            return Optional.empty();
        }
        for (Any detail : details.getDetailsList()) {
            if (detail.is(Refusal.class)) {
                try {
                    return Optional.of(detail.unpack(Refusal.class));
                } catch (InvalidProtocolBufferException unreadable) {
                    failure.addSuppressed(unreadable);
                }
            }
        }
        return Optional.empty();
    }

    /** Nobody answered: looking again later may help. */
    public boolean isUnreachable() {
        return unreachable;
    }

    public int exitCode() {
        return exitCode;
    }

    /** Upper snake case, or empty. */
    public String code() {
        return code;
    }

    public String wayOut() {
        return wayOut;
    }

    public void print(PrintStream err) {
        err.println("neurath: " + (code.isEmpty() ? "" : code + ": ") + getMessage());
        if (!wayOut.isEmpty()) {
            err.println("  What you can do  " + wayOut);
        }
    }
}
