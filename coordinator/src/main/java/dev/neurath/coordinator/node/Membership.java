package dev.neurath.coordinator.node;

import dev.neurath.persistence.database.DatabaseRefusedException;
import dev.neurath.persistence.database.DatabaseUnavailableException;
import dev.neurath.persistence.nodes.NodeDirectory;
import dev.neurath.persistence.nodes.Seat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings this node into the one cluster of its fleet and keeps its place in the directory.
 *
 * <p>Exactly one node founds the cluster; which, the directory in the database decides.
 *
 * <p>A node that the directory calls superseded ends: another cluster writes this fleet's journal now.
 */
final class Membership implements AutoCloseable {
    /** A node silent for this long may be founded over. Five beats, so that one slow transaction does not look like death. */
    static final Duration SILENCE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    private static final Duration STEP = Duration.ofSeconds(1);
    /** Joining anew before Pekko's own retries had a chance would only start them over. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(10);

    private final ActorSystem<?> system;
    private final Cluster cluster;
    private final NodeDirectory directory;
    private final ScheduledExecutorService steps = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("neurath-membership").factory());
    private long joinedAt;
    private long beatenAt = System.nanoTime();
    private boolean recorded;
    private volatile boolean superseded;

    Membership(ActorSystem<?> system, NodeDirectory directory) {
        this.system = system;
        this.cluster = Cluster.get(system);
        this.directory = directory;
        this.joinedAt = System.nanoTime() - ASK_AGAIN.toNanos();
    }

    // Nothing escapes a step, so its future has nothing to tell.
    @SuppressWarnings("FutureReturnValueIgnored")
    void start() {
        steps.scheduleWithFixedDelay(this::step, 0, STEP.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** @return why this node is no member; empty when it is */
    Optional<String> missing() {
        MemberStatus status = cluster.selfMember().status();
        return status.equals(MemberStatus.up()) || status.equals(MemberStatus.weaklyUp())
                ? Optional.empty()
                : Optional.of("the member is " + status);
    }

    private void step() {
        try {
            if (cluster.isTerminated() || superseded) {
                return;
            }
            if (missing().isPresent()) {
                // One that was in and is not any more leaves, or was declared gone: it must not found a cluster of its
                // own.
                if (!recorded) {
                    join();
                }
            } else if (!recorded) {
                heed(directory.joined(members()));
                recorded = true;
            }
            if (System.nanoTime() - beatenAt > SILENCE.dividedBy(5).toNanos()) {
                beatenAt = System.nanoTime();
                heed(directory.beat());
            }
        } catch (DatabaseUnavailableException | DatabaseRefusedException e) {
            // Those who cannot reach the database either cannot found a cluster; those who can see this node's silence.
            LOG.warn("The directory of nodes cannot be reached: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("A step of joining the cluster failed, the next one follows", e);
        }
    }

    private void join() {
        if (System.nanoTime() - joinedAt < ASK_AGAIN.toNanos()) {
            return;
        }
        switch (directory.seek()) {
            case Seat.Found found -> {
                LOG.info("Founding the cluster at {}", cluster.selfMember().address());
                joinedAt = System.nanoTime();
                cluster.manager().tell(Join.create(cluster.selfMember().address()));
            }
            case Seat.Join join -> {
                LOG.info("Joining the cluster at {}", join.addresses());
                joinedAt = System.nanoTime();
                cluster.manager()
                        .tell(new JoinSeedNodes(join.addresses().stream()
                                .map(AddressFromURIString::parse)
                                .toList()));
            }
            case Seat.Wait wait -> LOG.info("Waiting until {} is heard or is silent for good", wait.undecided());
        }
    }

    private void heed(NodeDirectory.Standing standing) {
        if (standing == NodeDirectory.Standing.SUPERSEDED) {
            superseded = true;
            LOG.warn("Another cluster of this fleet was founded meanwhile: this node ends");
            system.terminate();
        }
    }

    private List<String> members() {
        var addresses = new ArrayList<String>();
        for (Member member : cluster.state().getMembers()) {
            addresses.add(member.address().toString());
        }
        return addresses;
    }

    @Override
    public void close() {
        steps.shutdownNow();
        if (recorded && !superseded) {
            try {
                directory.leave();
            } catch (DatabaseUnavailableException | DatabaseRefusedException e) {
                LOG.warn("Could not leave the directory, the others will notice the silence: {}", e.getMessage());
            }
        }
    }
}
