package dev.neurath.coordinator.rollout;

import dev.neurath.host.HostActor;
import dev.neurath.host.HostActors;
import dev.neurath.model.proof.ProofWanted;
import dev.neurath.model.release.ReleaseCommand;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has agents find out what a plan needs to know, and puts it into the catalog, so that every node plans from the same. What is not answered in time is not
 * known, which is no refusal: the agent of each VM looks itself before the guest is touched.
 */
public final class FleetProofs {
    private static final Logger LOG = LoggerFactory.getLogger(FleetProofs.class);

    private final HostActors hosts;
    private final FleetEntities entities;
    private final Settings settings;

    /**
     * @param patience how long a plan may wait for all its answers
     * @param most questions that one plan asks; the rest is left to the next one
     */
    public record Settings(Duration patience, int most) {}

    public FleetProofs(HostActors hosts, FleetEntities entities, Settings settings) {
        this.hosts = hosts;
        this.entities = entities;
        this.settings = settings;
    }

    /** How long one plan waits for all that it asks. */
    public Duration patience() {
        return settings.patience();
    }

    /**
     * Returns when all answers are durable, or the time is over.
     *
     * @param left of {@link #patience}
     * @return false if the time is over
     */
    public boolean learn(List<ProofWanted> wanted, Duration left) throws InterruptedException {
        CompletableFuture<?>[] answers = wanted.stream()
                .limit(settings.most())
                .map(question -> learn(question).toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(answers).get(left.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            LOG.info("Not all of {} questions to agents were answered in time", answers.length);
            return false;
        } catch (ExecutionException e) {
            LOG.warn("An answer of an agent could not be kept", e);
            return true;
        }
    }

    private CompletionStage<?> learn(ProofWanted question) {
        return hosts.prove(question, settings.patience()).thenCompose(reply -> kept(question, reply));
    }

    private CompletionStage<?> kept(ProofWanted question, HostActor.Reply reply) {
        return switch (reply) {
            // One host's agent does not speak about what it was not asked.
            case HostActor.Proved proved ->
                proved.proof().isOf(question.way(), question.shape())
                        ? entities.askReleases(new ReleaseCommand.LearnProof(proved.proof()))
                        : unknown(question, "the host answered another question");
            case HostActor.Unavailable unavailable -> unknown(question, unavailable.reason());
            case HostActor.Refused refused ->
                unknown(question, refused.refusal().sentence());
            case HostActor.Answered answered -> unknown(question, "the host answered something else");
            case HostActor.Accepted accepted -> unknown(question, "the host answered something else");
        };
    }

    private static CompletionStage<?> unknown(ProofWanted question, String why) {
        LOG.info("VM {} by releases {} is not tried: {}", question.vm(), question.way(), why);
        return CompletableFuture.completedFuture(why);
    }
}
