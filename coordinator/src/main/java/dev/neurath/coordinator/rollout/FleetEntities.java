package dev.neurath.coordinator.rollout;

import dev.neurath.coordinator.fleet.Subject;
import dev.neurath.model.RolloutId;
import dev.neurath.model.budget.BudgetCommand;
import dev.neurath.model.release.ReleaseCommand;
import dev.neurath.model.rollout.RolloutCommand;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;

/**
 * The rollouts, the one budget and the one catalog, wherever in the cluster they live. An answer that does not come in time is Unavailable, never an
 * exception.
 */
public final class FleetEntities {
    private static final EntityTypeKey<EntityMessage<RolloutCommand>> ROLLOUT = key(Subject.ROLLOUT);
    private static final EntityTypeKey<EntityMessage<BudgetCommand>> BUDGET = key(Subject.BUDGET);
    private static final EntityTypeKey<EntityMessage<ReleaseCommand>> RELEASES = key(Subject.RELEASES);

    private final ClusterSharding sharding;
    private final Settings settings;

    /** @param ask how long an answer may take */
    public record Settings(Duration ask, Duration tickEvery, Duration repeatAfter) {}

    /** Does not host anything yet: entities need the ports that need this object. */
    public FleetEntities(ActorSystem<?> system, Settings settings) {
        this.sharding = ClusterSharding.get(system);
        this.settings = settings;
    }

    /** Lets this node host them. */
    public void host(RolloutPorts ports, Clock clock) {
        host(ROLLOUT, new RolloutEntity(ports), clock);
        host(BUDGET, new BudgetEntity(this), clock);
        host(RELEASES, new CatalogEntity(), clock);
    }

    public CompletionStage<EntityReply> askRollout(RolloutId id, RolloutCommand command) {
        return ask(ROLLOUT, id.value(), command);
    }

    public CompletionStage<EntityReply> askBudget(BudgetCommand command) {
        return ask(BUDGET, Subject.FLEET_WIDE, command);
    }

    public CompletionStage<EntityReply> askReleases(ReleaseCommand command) {
        return ask(RELEASES, Subject.FLEET_WIDE, command);
    }

    public void tellRollout(RolloutId id, RolloutCommand command) {
        sharding.entityRefFor(ROLLOUT, id.value()).tell(new EntityMessage.Tell<>(command));
    }

    public void tellBudget(BudgetCommand command) {
        sharding.entityRefFor(BUDGET, Subject.FLEET_WIDE).tell(new EntityMessage.Tell<>(command));
    }

    public void wakeRollout(RolloutId id) {
        sharding.entityRefFor(ROLLOUT, id.value()).tell(new EntityMessage.Wake<>());
    }

    public void wakeBudget() {
        sharding.entityRefFor(BUDGET, Subject.FLEET_WIDE).tell(new EntityMessage.Wake<>());
    }

    private <S, C, E, F> void host(EntityTypeKey<EntityMessage<C>> type, EntityRules<S, C, E, F> rules, Clock clock) {
        var entitySettings = new RuledEntity.Settings(settings.tickEvery(), settings.repeatAfter());
        sharding.init(
                Entity.of(type, entity -> RuledEntity.create(entity.getEntityId(), rules, entitySettings, clock)));
    }

    private <C> CompletionStage<EntityReply> ask(EntityTypeKey<EntityMessage<C>> type, String id, C command) {
        return sharding.entityRefFor(type, id)
                .<EntityReply>ask(replyTo -> new EntityMessage.Ask<>(command, replyTo), settings.ask())
                .exceptionally(failure -> new EntityReply.Unavailable(
                        "%s %s did not answer within %d ms: it may be moving between nodes, or waiting for the database."
                                .formatted(type.name(), id, settings.ask().toMillis())));
    }

    // A class literal cannot name the type parameter; every message to this type is made in this class.
    @SuppressWarnings("unchecked")
    private static <C> EntityTypeKey<EntityMessage<C>> key(String kind) {
        return (EntityTypeKey<EntityMessage<C>>) (EntityTypeKey<?>) EntityTypeKey.create(EntityMessage.class, kind);
    }
}
