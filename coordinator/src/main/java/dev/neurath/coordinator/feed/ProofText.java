package dev.neurath.coordinator.feed;

import dev.neurath.model.proof.Finding;
import dev.neurath.model.proof.Proof;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What was found out about a way between two releases, in words. */
public final class ProofText {
    private ProofText() {}

    static String summary(Proof proof) {
        return proof.findings().isEmpty()
                ? "nothing could be tried."
                : lines(proof).stream().collect(Collectors.joining("; ", "", "."));
    }

    /** One finding each. */
    public static List<String> lines(Proof proof) {
        return proof.findings().stream().map(ProofText::line).toList();
    }

    private static String line(Finding finding) {
        String what = switch (finding.probe()) {
            case SCHEMA -> "the device state schemas";
            case CLONE -> "a clone without a guest";
            case CLONE_BACK -> "that clone's way back";
        };
        String by = finding.method() == null
                ? ""
                : " by " + finding.method().name().toLowerCase(Locale.ROOT).replace('_', '-');
        String says = switch (finding.verdict()) {
            case WILL -> "say that it will work";
            case WONT -> "say that it will not work";
            case INCONCLUSIVE -> "cannot tell";
        };
        return what + by + ": " + says + (finding.evidence().isEmpty() ? "" : " (" + finding.evidence() + ")");
    }
}
