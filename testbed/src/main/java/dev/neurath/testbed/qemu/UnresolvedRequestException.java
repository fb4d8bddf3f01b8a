package dev.neurath.testbed.qemu;

import java.io.IOException;
import java.util.List;

/** A request that names no QEMU, or more than one; it carries what was found, so that the asker can choose. */
public final class UnresolvedRequestException extends IOException {
    /** Why there is no single answer. */
    public enum Reason {
        UNKNOWN,
        AMBIGUOUS
    }

    private final Reason reason;
    private final transient List<String> found;

    UnresolvedRequestException(Reason reason, QemuRequest request, List<String> found, String more) {
        super(sentence(reason, request, found) + more);
        this.reason = reason;
        this.found = List.copyOf(found);
    }

    private static String sentence(Reason reason, QemuRequest request, List<String> found) {
        String list = found.isEmpty() ? "nothing" : String.join(", ", found);
        return switch (reason) {
            case UNKNOWN -> "no QEMU answers to '" + request + "'; found: " + list;
            case AMBIGUOUS -> "more than one QEMU answers to '" + request + "', be more exact: " + list;
        };
    }

    public Reason reason() {
        return reason;
    }

    /** What could be asked for instead, one {@code version (suite)} each. */
    public List<String> found() {
        return found;
    }
}
