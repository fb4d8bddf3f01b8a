package dev.neurath.vm;

import dev.neurath.model.VmId;
import dev.neurath.model.vm.VmCommand;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.japi.function.Function;

/**
 * All VMs of the fleet, wherever in the cluster they live. An answer that does not come in time is Unavailable, never an exception: the caller may always
 * ask again with the same command.
 */
public final class VmActors {
    public static final EntityTypeKey<VmActor.Message> TYPE = EntityTypeKey.create(VmActor.Message.class, "vm");

    private final ClusterSharding sharding;
    private final VmSettings settings;

    private VmActors(ClusterSharding sharding, VmSettings settings) {
        this.sharding = sharding;
        this.settings = settings;
    }

    /** Lets this node host VMs. */
    public static VmActors start(ActorSystem<?> system, VmPorts ports) {
        var settings = VmSettings.of(system.settings().config());
        var vms = new VmActors(ClusterSharding.get(system), settings);
        // Idleness by messages alone would passivate a VM that waits for its agent, so a VM decides itself when it may
        // leave.
        var shardingSettings = ClusterShardingSettings.create(system).withNoPassivationStrategy();
        vms.sharding.init(Entity.of(
                        TYPE,
                        entity -> VmActor.create(
                                new VmId(entity.getEntityId()), entity.getShard(), ports, vms::wake, settings))
                .withSettings(shardingSettings)
                .withStopMessage(VmActor.Leave.INSTANCE));
        return vms;
    }

    /** @return never completed exceptionally */
    public CompletionStage<VmActor.Reply> ask(VmId vm, VmCommand command) {
        return ask(vm, replyTo -> new VmActor.Request(command, replyTo));
    }

    /** @return Accepted with the state, or Unavailable */
    public CompletionStage<VmActor.Reply> get(VmId vm) {
        return ask(vm, VmActor.Get::new);
    }

    public void tell(VmId vm, VmCommand command) {
        sharding.entityRefFor(TYPE, vm.value()).tell(new VmActor.Tell(command));
    }

    /** Recovers the VM if it is not alive: it then repeats what is due. */
    public void wake(VmId vm) {
        sharding.entityRefFor(TYPE, vm.value()).tell(new VmActor.Wake());
    }

    private CompletionStage<VmActor.Reply> ask(VmId vm, Function<ActorRef<VmActor.Reply>, VmActor.Message> message) {
        return sharding.entityRefFor(TYPE, vm.value())
                .ask(message, settings.askTimeout())
                .exceptionally(failure -> new VmActor.Unavailable(
                        "VM %s did not answer within %d ms: it may be moving between nodes, or waiting for the database"
                                .formatted(vm, settings.askTimeout().toMillis())));
    }
}
