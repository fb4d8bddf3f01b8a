package dev.neurath.coordinator.rollout;

import dev.neurath.coordinator.fleet.Subject;
import dev.neurath.model.Decision;
import dev.neurath.model.release.CatalogState;
import dev.neurath.model.release.ReleaseCommand;
import dev.neurath.model.release.ReleaseEffect;
import dev.neurath.model.release.ReleaseEvent;
import dev.neurath.model.release.ReleaseRules;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The one catalog of releases. */
final class CatalogEntity implements EntityRules<CatalogState, ReleaseCommand, ReleaseEvent, ReleaseEffect> {
    @Override
    public String kind() {
        return Subject.RELEASES;
    }

    @Override
    public CatalogState initial(String id) {
        return CatalogState.initial();
    }

    @Override
    public CatalogState evolve(CatalogState state, ReleaseEvent event) {
        return state.evolve(event);
    }

    @Override
    public Decision<ReleaseEvent, ReleaseEffect> decide(CatalogState state, ReleaseCommand command, Instant now) {
        return ReleaseRules.decide(state, command);
    }

    @Override
    public List<ReleaseEffect> effectsDue(CatalogState state, Instant now) {
        return List.of();
    }

    @Override
    public Optional<ReleaseCommand> tick(CatalogState state) {
        return Optional.empty();
    }

    @Override
    public void run(String id, ReleaseEffect effect) {
        switch (effect) {
            case ReleaseEffect.SendCatalog sent -> {
                // Each node sends it to its own agents when the event arrives on its feed.
            }
        }
    }
}
