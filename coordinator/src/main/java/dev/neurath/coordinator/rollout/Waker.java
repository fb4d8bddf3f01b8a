package dev.neurath.coordinator.rollout;

import dev.neurath.coordinator.fleet.FleetFacts;
import dev.neurath.coordinator.fleet.FleetProjection;
import dev.neurath.model.HostId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.host.HostPhase;
import dev.neurath.model.rollout.RolloutState;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * Brings whatever is unfinished back to life: when the first node starts, when a node has died, and from time to time in case a wake-up was lost. An
 * entity that lives already takes no notice.
 *
 * <p>One in the cluster. It wakes at a bounded rate, because every recovery reads the journal.
 *
 * <p>What is unfinished it reads from this node's view of the feed; one that is a moment behind is made up for by the next round.
 */
public final class Waker extends AbstractBehavior<Waker.Message> {
    /** A VM must have been gone, and on its host's list, for this long before that host forgets it: a start of the same id may be on its way. */
    private static final Duration FORGET_AFTER = Duration.ofSeconds(15);

    private static final Duration STEP = Duration.ofMillis(100);

    /** What it hears. */
    public sealed interface Message {}

    private enum Round implements Message {
        INSTANCE
    }

    private enum Step implements Message {
        INSTANCE
    }

    private record MemberGone(ClusterEvent.MemberEvent event) implements Message {}

    /** Whom it wakes. */
    public interface Sleepers {
        void vm(VmId vm);

        void host(HostId host);

        void rollout(RolloutId rollout);

        void budget();

        void forget(HostId host, VmId vm);
    }

    /** @param perSecond entities woken at most */
    public record Settings(Duration every, int perSecond) {}

    private final FleetProjection projection;
    private final Sleepers sleepers;
    private final Settings settings;
    private final Clock clock;
    private final TimerScheduler<Message> timers;
    private final WakeQueue due = new WakeQueue();

    private Waker(
            ActorContext<Message> context,
            TimerScheduler<Message> timers,
            FleetProjection projection,
            Sleepers sleepers,
            Settings settings,
            Clock clock) {
        super(context);
        this.timers = timers;
        this.projection = projection;
        this.sleepers = sleepers;
        this.settings = settings;
        this.clock = clock;
        Cluster.get(context.getSystem())
                .subscriptions()
                .tell(Subscribe.create(
                        context.messageAdapter(ClusterEvent.MemberEvent.class, MemberGone::new),
                        ClusterEvent.MemberEvent.class));
        timers.startTimerWithFixedDelay(Round.INSTANCE, settings.every());
        context.getSelf().tell(Round.INSTANCE);
    }

    public static Behavior<Message> create(
            FleetProjection projection, Sleepers sleepers, Settings settings, Clock clock) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new Waker(context, timers, projection, sleepers, settings, clock)));
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Round.class, round -> round())
                .onMessage(MemberGone.class, this::member)
                .onMessage(Step.class, step -> step())
                .build();
    }

    private Behavior<Message> member(MemberGone message) {
        return message.event() instanceof ClusterEvent.MemberRemoved ? roundAnew() : this;
    }

    private Behavior<Message> round() {
        due.begin(() -> projection.read(this::unfinished));
        return step();
    }

    /** Whom the round that is under way has woken already may have lived on the node that is gone. */
    private Behavior<Message> roundAnew() {
        due.again();
        return round();
    }

    private Behavior<Message> step() {
        long many = Math.max(1, settings.perSecond() * STEP.toMillis() / 1000);
        if (due.run(many)) {
            timers.startSingleTimer(Step.INSTANCE, STEP);
        }
        return this;
    }

    private List<Runnable> unfinished(FleetFacts fleet) {
        var wake = new ArrayList<Runnable>();
        if (!fleet.budget().tokens().isEmpty()) {
            wake.add(sleepers::budget);
        }
        // Few, and each of them moves many VMs.
        for (RolloutState rollout : fleet.rollouts()) {
            if (isUnfinished(rollout)) {
                wake.add(() -> sleepers.rollout(rollout.id()));
            }
        }
        for (VmId vm : fleet.vmsUnfinished()) {
            wake.add(() -> sleepers.vm(vm));
        }
        fleet.hosts().forEach(host -> {
            HostId id = host.state().id();
            // One that is connected has an agent to lose; one declared dead may have VMs left to tell.
            if (host.state().phase() == HostPhase.CONNECTED || host.state().phase() == HostPhase.DECLARED_DEAD) {
                wake.add(() -> sleepers.host(id));
            }
            for (VmId vm : host.state().vms()) {
                if (mayBeForgotten(fleet, id, vm)) {
                    wake.add(() -> forget(id, vm));
                }
            }
        });
        return wake;
    }

    /** Looked at again: in the queue it may have been placed and started anew. */
    private void forget(HostId host, VmId vm) {
        if (projection.read(fleet -> mayBeForgotten(fleet, host, vm))) {
            sleepers.forget(host, vm);
        }
    }

    private boolean mayBeForgotten(FleetFacts fleet, HostId host, VmId vm) {
        return fleet.mayBeForgotten(vm, host, clock.instant().minus(FORGET_AFTER));
    }

    private static boolean isUnfinished(RolloutState rollout) {
        RolloutState.Revert revert = rollout.revert();
        return !rollout.isAtRest() || (revert != null && !revert.answered());
    }
}
