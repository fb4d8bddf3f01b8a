package dev.neurath.coordinator.traces;

import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Which attempt a trace is of. All ids follow from it, so that whoever reads the same events again makes the same trace, and not another one.
 *
 * @param started when the VM's start or adoption was ordered: a fleet founded anew under its old name has other traces
 */
record AttemptKey(FleetId fleet, VmId vm, Instant started, Generation generation) {
    private static final int TRACE_BYTES = 16;
    private static final int SPAN_BYTES = 8;

    /** Of the same VM, in the same life. */
    AttemptKey of(Generation other) {
        return new AttemptKey(fleet, vm, started, other);
    }

    /** @param name unique within the trace */
    SpanContext span(String name) {
        String attempt = "%s\n%s\n%d\n%s".formatted(fleet, vm, started.toEpochMilli(), generation);
        return SpanContext.create(
                hash(attempt, TRACE_BYTES),
                hash(attempt + "\n" + name, SPAN_BYTES),
                TraceFlags.getSampled(),
                TraceState.getDefault());
    }

    private static String hash(String text, int bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
