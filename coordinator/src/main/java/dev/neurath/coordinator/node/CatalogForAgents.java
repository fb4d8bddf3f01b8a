package dev.neurath.coordinator.node;

import dev.neurath.codec.ReleaseCodec;
import dev.neurath.coordinator.fleet.FeedEntry;
import dev.neurath.coordinator.fleet.FleetProjection;
import dev.neurath.host.ReleaseSource;
import dev.neurath.model.release.ReleaseEvent;
import dev.neurath.proto.v1.ReleaseCatalog;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The catalog as this node's agents get it: when they connect, and when a release was registered anywhere in the cluster. */
final class CatalogForAgents implements ReleaseSource {
    private final Supplier<@Nullable FleetProjection> projection;
    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();

    CatalogForAgents(Supplier<@Nullable FleetProjection> projection) {
        this.projection = projection;
    }

    void follow(List<FeedEntry> entries) {
        if (entries.stream().anyMatch(entry -> entry.event() instanceof ReleaseEvent.Registered)) {
            listeners.forEach(Runnable::run);
        }
    }

    @Override
    public ReleaseCatalog current() {
        FleetProjection known = projection.get();
        var catalog = ReleaseCatalog.newBuilder();
        if (known != null) {
            known.read(fleet -> List.copyOf(fleet.catalog().releases().values()))
                    .forEach(release -> catalog.addReleases(ReleaseCodec.encode(release)));
        }
        return catalog.build();
    }

    @Override
    public Registration onChange(Runnable changed) {
        listeners.add(changed);
        return () -> listeners.remove(changed);
    }
}
