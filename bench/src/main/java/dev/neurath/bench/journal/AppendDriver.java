package dev.neurath.bench.journal;

import dev.neurath.bench.Samples;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.PersistentEnvelope;
import org.apache.pekko.persistence.PersistentRepr;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Speaks to a journal plugin as persistent actors do, in their place: {@code WriteMessages} with one event, the next one when {@code WriteMessageSuccess} came.
 * So nothing is measured but the plugin and what lies under it. The first failure ends it.
 */
final class AppendDriver extends AbstractActor {
    private static final long MICRO = 1000;

    private final ActorRef journal;
    private final Load load;
    private final CompletableFuture<Samples> done;
    private final Samples latencies = new Samples();
    private final long[] sentNanos;
    private final String[] entities;
    private final int[] numbers;
    private final byte[][] payloads;
    private int started;
    private int finished;
    private int entitiesBegun;

    private AppendDriver(ActorRef journal, Load load, CompletableFuture<Samples> done) {
        this.journal = journal;
        this.load = load;
        this.done = done;
        this.sentNanos = new long[load.inFlight()];
        this.entities = new String[load.inFlight()];
        this.numbers = new int[load.inFlight()];
        this.payloads = new byte[load.inFlight()][];
        for (int slot = 0; slot < load.inFlight(); slot++) {
            payloads[slot] = load.payload(slot);
            entities[slot] = nextEntity();
        }
    }

    /** @param done completes with every append's microseconds from asked to durable */
    static Props props(ActorRef journal, Load load, CompletableFuture<Samples> done) {
        return Props.create(AppendDriver.class, () -> new AppendDriver(journal, load, done));
    }

    private String nextEntity() {
        return load.name() + "|" + entitiesBegun++;
    }

    @Override
    public void preStart() {
        for (int slot = 0; slot < load.inFlight() && started < load.events(); slot++) {
            append(slot);
        }
    }

    private void append(int slot) {
        started++;
        if (numbers[slot] == load.perEntity()) {
            numbers[slot] = 0;
            entities[slot] = nextEntity();
        }
        numbers[slot]++;
        PersistentRepr event = PersistentRepr.apply(
                payloads[slot], numbers[slot], entities[slot], "", false, ActorRef.noSender(), "bench");
        Seq<PersistentEnvelope> messages = CollectionConverters.asScala(
                        java.util.List.<PersistentEnvelope>of(AtomicWrite.apply(event)))
                .toList();
        sentNanos[slot] = System.nanoTime();
        journal.tell(new JournalProtocol.WriteMessages(messages, self(), slot), self());
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder()
                .match(JournalProtocol.WriteMessageSuccess.class, this::durable)
                .match(JournalProtocol.WriteMessageFailure.class, failed -> fail(failed.cause()))
                .match(JournalProtocol.WriteMessageRejected.class, rejected -> fail(rejected.cause()))
                .matchAny(whole -> {
                    // The batch of one is told as a whole too.
                })
                .build();
    }

    private void durable(JournalProtocol.WriteMessageSuccess success) {
        int slot = success.actorInstanceId();
        latencies.add((System.nanoTime() - sentNanos[slot]) / (double) MICRO);
        finished++;
        if (started < load.events()) {
            append(slot);
        } else if (finished == load.events()) {
            done.complete(latencies);
            context().stop(self());
        }
    }

    private void fail(Throwable cause) {
        done.completeExceptionally(cause);
        context().stop(self());
    }
}
