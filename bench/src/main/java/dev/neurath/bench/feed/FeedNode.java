package dev.neurath.bench.feed;

import com.typesafe.config.ConfigFactory;
import dev.neurath.bench.BenchNode;
import dev.neurath.bench.Samples;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.Start;
import dev.neurath.proto.v1.WatchRequest;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.persistence.Persistence;

/** A node's journal, appended to as its own VM actors would, and what the node's API tells of it. */
final class FeedNode implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final String url;
    private final BenchNode node;
    private final ActorRef journal;
    private int stretches;

    FeedNode(Path state, String url) throws IOException, InterruptedException {
        this.url = url;
        this.node = new BenchNode(state, url);
        this.journal = Persistence.get(node.system()).journalFor("neurath.journal", ConfigFactory.empty());
    }

    /** @param skip events of the beginning, to warm up */
    Map<String, Double> throughTheApi(int perSecond, int events, int skip) throws IOException, InterruptedException {
        var stamps = new Stamps("api" + ++stretches + "x", events);
        try (Context.CancellableContext context = Context.current().withCancellation()) {
            var watcher = new Watcher(stamps);
            WatchRequest fromNow = WatchRequest.newBuilder()
                    .setStart(Start.newBuilder().setNow(true))
                    .build();
            context.run(() -> EventFeedGrpc.newStub(node.channel()).watch(fromNow, watcher));
            // Nothing tells a client that its place was found but the first bookmark or event.
            watcher.awaitPlace();
            append(stamps, perSecond);
        }
        return row(stamps, skip);
    }

    Map<String, Double> throughBareJdbc(int perSecond, int events, int skip)
            throws IOException, InterruptedException, SQLException {
        var stamps = new Stamps("jdbc" + ++stretches + "x", events);
        BareReader reader = new BareReader(url, stamps);
        try (reader) {
            append(stamps, perSecond);
        }
        return row(stamps, skip);
    }

    private void append(Stamps stamps, int perSecond) throws IOException, InterruptedException {
        // The node's own guardian takes no strangers; its system actors are apart from that.
        ActorRef hearing =
                ((ExtendedActorSystem) node.system()).systemActorOf(PacedAppends.hearing(stamps), "bench-" + stretches);
        PacedAppends.run(journal, hearing, stamps, perSecond);
        stamps.awaitAll(LIMIT);
        node.system().stop(hearing);
    }

    private static Map<String, Double> row(Stamps stamps, int skip) {
        Samples fromCommit = stamps.commitToClientMillis(skip);
        Samples fromAppend = stamps.appendToClientMillis(skip);
        var row = new LinkedHashMap<String, Double>();
        row.put("eventsPerSecond", stamps.perSecond(skip));
        row.put("commitToClientMillisP50", fromCommit.median());
        row.put("commitToClientMillisP99", fromCommit.percentile(99));
        row.put("appendToClientMillisP50", fromAppend.median());
        row.put("appendToClientMillisP99", fromAppend.percentile(99));
        return row;
    }

    private static final class Watcher implements StreamObserver<WatchResponse> {
        private final Stamps stamps;
        private final CountDownLatch placed = new CountDownLatch(1);

        Watcher(Stamps stamps) {
            this.stamps = stamps;
        }

        @Override
        public void onNext(WatchResponse response) {
            if (response.hasEvent()) {
                Event event = response.getEvent();
                stamps.arrived(event.getSubject(), event.getSequence());
            }
            placed.countDown();
        }

        @Override
        public void onError(Throwable error) {
            stamps.fail(error);
            placed.countDown();
        }

        @Override
        public void onCompleted() {
            stamps.fail(new IOException("the node ended the stream"));
            placed.countDown();
        }

        void awaitPlace() throws IOException, InterruptedException {
            if (!placed.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("the feed does not begin");
            }
        }
    }

    @Override
    public void close() throws IOException {
        node.close();
    }
}
