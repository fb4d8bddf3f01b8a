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
import java.time.Instant;
import java.util.ArrayDeque;
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
    /** A VM must have been gone for this long before its host forgets it: a start of the same id may be on its way. */
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
    private final ArrayDeque<Runnable> due = new ArrayDeque<>();

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
        return message.event() instanceof ClusterEvent.MemberRemoved ? round() : this;
    }

    private Behavior<Message> round() {
        due.clear();
        due.addAll(projection.read(this::unfinished));
        if (!due.isEmpty()) {
            getContext().getLog().debug("Waking {} entities that are unfinished", due.size());
        }
        return step();
    }

    private Behavior<Message> step() {
        long many = Math.max(1, settings.perSecond() * STEP.toMillis() / 1000);
        for (long woken = 0; woken < many && !due.isEmpty(); woken++) {
            due.remove().run();
        }
        if (!due.isEmpty()) {
            timers.startSingleTimer(Step.INSTANCE, STEP);
        }
        return this;
    }

    private List<Runnable> unfinished(FleetFacts fleet) {
        var wake = new ArrayList<Runnable>();
        if (!fleet.budget().tokens().isEmpty()) {
            wake.add(sleepers::budget);
        }
        for (VmId vm : fleet.vmsUnfinished()) {
            wake.add(() -> sleepers.vm(vm));
        }
        for (RolloutState rollout : fleet.rollouts()) {
            if (isUnfinished(rollout)) {
                wake.add(() -> sleepers.rollout(rollout.id()));
            }
        }
        Instant longAgo = clock.instant().minus(FORGET_AFTER);
        fleet.hosts().forEach(host -> {
            HostId id = host.state().id();
            // One that is connected has an agent to lose; one declared dead may have VMs left to tell.
            if (host.state().phase() == HostPhase.CONNECTED || host.state().phase() == HostPhase.DECLARED_DEAD) {
                wake.add(() -> sleepers.host(id));
            }
            for (VmId vm : host.state().vms()) {
                if (fleet.isElsewhereOrGone(vm, id, longAgo)) {
                    wake.add(() -> sleepers.forget(id, vm));
                }
            }
        });
        return wake;
    }

    private static boolean isUnfinished(RolloutState rollout) {
        RolloutState.Revert revert = rollout.revert();
        return !rollout.isAtRest() || (revert != null && !revert.answered());
    }
}
