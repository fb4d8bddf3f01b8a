package dev.neurath.model.proof;

import dev.neurath.model.ReleaseId;
import java.util.List;
import java.util.Optional;

/**
 * What was found out about machines of one shape on their way from one release to another. Releases never change under their id, so it stays true.
 *
 * @param shape see {@link Shape}
 */
public record Proof(ReleaseId from, ReleaseId to, String shape, List<Finding> findings) {
    public Proof {
        findings = List.copyOf(findings);
    }

    public boolean isOf(ReleaseId otherFrom, ReleaseId otherTo, String otherShape) {
        return from.equals(otherFrom) && to.equals(otherTo) && shape.equals(otherShape);
    }

    public Optional<Finding> first(Probe probe, Verdict verdict) {
        return findings.stream()
                .filter(finding -> finding.probe() == probe && finding.verdict() == verdict)
                .findFirst();
    }
}
