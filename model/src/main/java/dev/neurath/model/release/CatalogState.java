package dev.neurath.model.release;

import dev.neurath.model.ReleaseId;
import dev.neurath.model.proof.Proof;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** All registered releases of the fleet: the fold of the catalog's events. It changes in {@link #evolve} and nowhere else. */
public record CatalogState(SortedMap<ReleaseId, Release> releases, List<PairRefusal> pairRefusals, List<Proof> proofs) {
    /** Shapes times pairs of releases; the oldest is forgotten, and found out again if it is asked for. */
    static final int MOST_PROOFS = 4096;

    public CatalogState {
        releases = Collections.unmodifiableSortedMap(new TreeMap<>(releases));
        pairRefusals = List.copyOf(pairRefusals);
        proofs = List.copyOf(proofs);
    }

    public static CatalogState initial() {
        return new CatalogState(new TreeMap<>(), List.of(), List.of());
    }

    public Optional<Release> find(ReleaseId id) {
        return Optional.ofNullable(releases.get(id));
    }

    public CatalogState evolve(ReleaseEvent event) {
        return switch (event) {
            case ReleaseEvent.Registered e -> with(e.release());
            case ReleaseEvent.FactsLearnt e ->
                find(e.release())
                        .map(release -> with(release.withFacts(e.facts())))
                        .orElseThrow(() -> new IllegalStateException("facts of release " + e.release()
                                + ", which is not registered: the journal and the rules disagree"));
            case ReleaseEvent.PairRefused e -> {
                var pairs = new ArrayList<>(pairRefusals);
                pairs.add(e.pair());
                yield new CatalogState(releases, pairs, proofs);
            }
            case ReleaseEvent.ProofLearnt e -> {
                var known = new ArrayList<>(proofs.stream()
                        .filter(proof -> !proof.isOf(e.proof().way(), e.proof().shape()))
                        .toList());
                known.add(e.proof());
                yield new CatalogState(
                        releases, pairRefusals, known.subList(Math.max(0, known.size() - MOST_PROOFS), known.size()));
            }
        };
    }

    private CatalogState with(Release release) {
        var next = new TreeMap<>(releases);
        next.put(release.id(), release);
        return new CatalogState(next, pairRefusals, proofs);
    }
}
