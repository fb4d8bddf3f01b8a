package dev.neurath.bench.feed;

import dev.neurath.model.Actor;
import dev.neurath.model.vm.VmEvent;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.PersistentEnvelope;
import org.apache.pekko.persistence.PersistentRepr;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Appends VMs' events to a node's journal at a steady rate, whether the node keeps up or not, and stamps their commits. It stands in the place of VM actors:
 * holds are placed and lifted, which is allowed at any time, of VMs that do not exist otherwise.
 */
final class PacedAppends extends AbstractActor {
    private static final long LOOK_NANOS = 200_000;

    private final Stamps stamps;

    private PacedAppends(Stamps stamps) {
        this.stamps = stamps;
    }

    static Props hearing(Stamps stamps) {
        return Props.create(PacedAppends.class, () -> new PacedAppends(stamps));
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder()
                .match(JournalProtocol.WriteMessageSuccess.class, success -> {
                    PersistentRepr event = success.persistent();
                    stamps.durable(event.persistenceId(), event.sequenceNr());
                })
                .match(JournalProtocol.WriteMessageFailure.class, failed -> stamps.fail(failed.cause()))
                .match(JournalProtocol.WriteMessageRejected.class, rejected -> stamps.fail(rejected.cause()))
                .matchAny(whole -> {
                    // The batch of one is told as a whole too.
                })
                .build();
    }

    /** Returns when the last one was asked for. */
    static void run(ActorRef journal, ActorRef hearing, Stamps stamps, int perSecond) throws InterruptedException {
        long begun = System.nanoTime();
        for (int number = 0; number < stamps.events(); number++) {
            long due = begun + number * 1_000_000_000L / perSecond;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(Math.min(left, LOOK_NANOS));
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            long sequence = Stamps.sequence(number);
            VmEvent event = sequence % 2 == 1
                    ? new VmEvent.HoldPlaced("BENCH", Actor.LOCAL)
                    : new VmEvent.HoldLifted(Actor.LOCAL);
            PersistentRepr row = PersistentRepr.apply(
                    event, sequence, stamps.persistenceId(number), "", false, ActorRef.noSender(), "bench");
            stamps.asked(number);
            journal.tell(
                    new JournalProtocol.WriteMessages(
                            CollectionConverters.asScala(List.<PersistentEnvelope>of(AtomicWrite.apply(row)))
                                    .toList(),
                            hearing,
                            0),
                    hearing);
        }
    }
}
