package dev.neurath.coordinator.traces;

import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.VmEvent;
import io.opentelemetry.api.trace.StatusCode;

/**
 * How an attempt ended, in the words that the metrics use.
 *
 * @param reason code, or empty
 * @param status an error is what somebody should look at; a refusal is an expected no, and an owner may end a guest
 */
record AttemptEnd(String outcome, String reason, String sentence, StatusCode status) {

    static AttemptEnd of(VmEvent end) {
        return switch (end) {
            case VmEvent.Verified e ->
                new AttemptEnd(
                        "upgraded", e.health() == Health.UNKNOWN ? "HEALTH_UNKNOWN" : "", e.evidence(), StatusCode.OK);
            case VmEvent.GuestSilent e -> failed("quarantined", "GUEST_SILENT", e.evidence());
            case VmEvent.DoubleRunFound e -> failed("quarantined", "DOUBLE_RUN", e.sentence());
            case VmEvent.RolledBack e -> failed("as_it_was", e.reason(), e.sentence());
            case VmEvent.Lost e -> failed("lost", "LOST", e.sentence());
            case VmEvent.UpgradeRefused e ->
                undecided("refused", e.refusal().code(), e.refusal().sentence());
            case VmEvent.AttemptClosed e ->
                undecided("closed", "ATTEMPT_CLOSED", "The attempt never touched the VM and never will.");
            case VmEvent.Ended e -> undecided("gone", e.reason(), e.sentence());
            case VmEvent.HostDeclaredDead e -> undecided("gone", "GONE_WITH_HOST", e.evidence());
            default -> throw new IllegalArgumentException("no attempt ends with " + end);
        };
    }

    private static AttemptEnd failed(String outcome, String reason, String sentence) {
        return new AttemptEnd(outcome, reason, sentence, StatusCode.ERROR);
    }

    private static AttemptEnd undecided(String outcome, String reason, String sentence) {
        return new AttemptEnd(outcome, reason, sentence, StatusCode.UNSET);
    }
}
