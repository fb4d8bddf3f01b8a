package dev.neurath.model.release;

import dev.neurath.model.ReleaseId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** All registered releases of the fleet: the fold of the catalog's events. It changes in {@link #evolve} and nowhere else. */
public record CatalogState(SortedMap<ReleaseId, Release> releases, List<PairRefusal> pairRefusals) {
    public CatalogState {
        releases = Collections.unmodifiableSortedMap(new TreeMap<>(releases));
        pairRefusals = List.copyOf(pairRefusals);
    }

    public static CatalogState initial() {
        return new CatalogState(new TreeMap<>(), List.of());
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
                yield new CatalogState(releases, pairs);
            }
        };
    }

    private CatalogState with(Release release) {
        var next = new TreeMap<>(releases);
        next.put(release.id(), release);
        return new CatalogState(next, pairRefusals);
    }
}
