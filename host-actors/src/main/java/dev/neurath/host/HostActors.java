package dev.neurath.host;

import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostCommand;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.proto.v1.Question;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.japi.function.Function;

/**
 * All hosts of the fleet, wherever in the cluster they live. An answer that does not come in time is Unavailable, never an exception: the caller may
 * always ask again with the same command.
 */
public final class HostActors implements Hosts {
    public static final EntityTypeKey<HostActor.Message> TYPE = EntityTypeKey.create(HostActor.Message.class, "host");

    private final ClusterSharding sharding;
    private final HostSettings settings;

    private HostActors(ClusterSharding sharding, HostSettings settings) {
        this.sharding = sharding;
        this.settings = settings;
    }

    /** Lets this node host the actors of hosts. */
    public static HostActors start(ActorSystem<?> system, FleetId fleet, HostPorts ports) {
        var settings = HostSettings.of(system.settings().config());
        var hosts = new HostActors(ClusterSharding.get(system), settings);
        // A host decides itself when it may leave: its session has to be watched although nobody speaks.
        var shardingSettings = ClusterShardingSettings.create(system).withNoPassivationStrategy();
        hosts.sharding.init(Entity.of(
                        TYPE,
                        entity -> HostActor.create(
                                new HostId(entity.getEntityId()),
                                fleet,
                                entity.getShard(),
                                ports,
                                hosts::wake,
                                settings))
                .withSettings(shardingSettings)
                .withStopMessage(HostActor.Leave.INSTANCE));
        return hosts;
    }

    /** @return never completed exceptionally */
    public CompletionStage<HostActor.Reply> ask(HostId host, HostCommand command) {
        return ask(host, replyTo -> new HostActor.Request(command, replyTo));
    }

    /** @return Accepted with the state, or Unavailable */
    public CompletionStage<HostActor.Reply> get(HostId host) {
        return ask(host, HostActor.Get::new);
    }

    /** @return Proved, or Unavailable after {@code limit} at the latest; never completed exceptionally */
    public CompletionStage<HostActor.Reply> prove(ProofWanted wanted, Duration limit) {
        return sharding.entityRefFor(TYPE, wanted.host().value())
                .<HostActor.Reply>ask(replyTo -> new HostActor.Prove(wanted, replyTo), limit)
                .exceptionally(failure -> new HostActor.Unavailable(
                        "the agent of host %s did not answer within %d s".formatted(wanted.host(), limit.toSeconds())));
    }

    /**
     * Asks the host's agent.
     *
     * @return never completed exceptionally: Answered, Refused without a session, or Unavailable
     */
    public CompletionStage<HostActor.Reply> question(HostId host, Question question, Duration limit) {
        return ask(host, replyTo -> new HostActor.Ask(question, replyTo), limit);
    }

    public void tell(HostId host, HostCommand command) {
        tell(host, new HostActor.Tell(command));
    }

    /** To the host's agent; dropped if it has no session, since its VM repeats it. */
    public void order(HostId host, VmId vm, VmOrder order) {
        tell(host, new HostActor.Order(vm, order));
    }

    /** To the host's agent; dropped if it has no session, since it reports again. */
    public void acknowledge(HostId host, VmId vm, FactStamp stamp) {
        tell(host, new HostActor.Acknowledge(vm, stamp, null));
    }

    /** An acknowledgement that tells the agent why its fact will never count. */
    public void disown(HostId host, VmId vm, FactStamp stamp, Refusal why) {
        tell(host, new HostActor.Acknowledge(vm, stamp, why));
    }

    /** Recovers the host if it is not alive: it then repeats what is due. */
    public void wake(HostId host) {
        tell(host, new HostActor.Wake());
    }

    @Override
    public void tell(HostId host, HostActor.Message message) {
        sharding.entityRefFor(TYPE, host.value()).tell(message);
    }

    private CompletionStage<HostActor.Reply> ask(
            HostId host, Function<ActorRef<HostActor.Reply>, HostActor.Message> message) {
        return ask(host, message, settings.askTimeout());
    }

    private CompletionStage<HostActor.Reply> ask(
            HostId host, Function<ActorRef<HostActor.Reply>, HostActor.Message> message, Duration limit) {
        return sharding.entityRefFor(TYPE, host.value())
                .ask(message, limit)
                .exceptionally(failure -> new HostActor.Unavailable(
                        "host %s did not answer within %d ms: it may be moving between nodes, or waiting for the database"
                                .formatted(host, limit.toMillis())));
    }
}
