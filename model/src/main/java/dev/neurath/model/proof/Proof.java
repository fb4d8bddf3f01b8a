package dev.neurath.model.proof;

import dev.neurath.model.ReleaseId;
import java.util.List;
import java.util.Optional;

/**
 * What was found out about machines of one shape on their way from one release to another. Releases never change under their id, so it stays true.
 *
 * @param way the releases in order, mostly two; what each hop of three releases does by itself says nothing about a machine that was built by the first
 * @param shape see {@link Shape}
 */
public record Proof(List<ReleaseId> way, String shape, List<Finding> findings) {
    public Proof {
        way = List.copyOf(way);
        findings = List.copyOf(findings);
        if (way.size() < 2) {
            throw new IllegalArgumentException(way + " leads nowhere");
        }
    }

    public ReleaseId from() {
        return way.getFirst();
    }

    public ReleaseId to() {
        return way.getLast();
    }

    public boolean isOf(List<ReleaseId> otherWay, String otherShape) {
        return way.equals(otherWay) && shape.equals(otherShape);
    }

    public Optional<Finding> first(Probe probe, Verdict verdict) {
        return findings.stream()
                .filter(finding -> finding.probe() == probe && finding.verdict() == verdict)
                .findFirst();
    }
}
