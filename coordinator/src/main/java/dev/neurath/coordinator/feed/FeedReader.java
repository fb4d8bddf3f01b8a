package dev.neurath.coordinator.feed;

import dev.neurath.persistence.database.DatabaseRefusedException;
import dev.neurath.persistence.database.DatabaseUnavailableException;
import dev.neurath.persistence.feed.FeedCursor;
import dev.neurath.proto.v1.Bookmark;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves one reader of the feed.
 *
 * <p>It takes the next page only when the reader has taken the last one, so a slow reader costs one page of memory and slows nobody down; one that
 * takes nothing for {@code patience} is cut off, with the cursor to go on from in the status.
 */
final class FeedReader implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(FeedReader.class);

    private final FeedSource source;
    private final StartPlace start;
    private final EventFilter filter;
    private final ServerCallStreamObserver<WatchResponse> out;
    private final Duration bookmarkEvery;
    private final Duration patience;
    /** Released when the transport can take more, and when the reader went away. */
    private final Semaphore woken = new Semaphore(0);

    private FeedCursor place;
    private long lastSaid = System.nanoTime();
    private volatile boolean stopping;

    FeedReader(
            FeedSource source,
            StartPlace start,
            EventFilter filter,
            ServerCallStreamObserver<WatchResponse> out,
            Duration bookmarkEvery,
            Duration patience) {
        this.source = source;
        this.start = start;
        this.filter = filter;
        this.out = out;
        this.bookmarkEvery = bookmarkEvery;
        this.patience = patience;
        this.place = start.place();
        out.setOnReadyHandler(woken::release);
        out.setOnCancelHandler(woken::release);
    }

    /** The node stops: the reader may go on, from its last cursor, on another one. */
    void stop() {
        stopping = true;
        woken.release();
    }

    @Override
    public void run() {
        try {
            if (start.gap() != null) {
                say(WatchResponse.newBuilder().setGap(start.gap()).build());
            }
            bookmark();
            while (!out.isCancelled() && !stopping) {
                serveNext();
            }
            end(Status.UNAVAILABLE.withDescription(
                    "The node stops; go on from cursor %s on another one.".formatted(source.cursor(place))));
        } catch (TooSlow e) {
            end(Status.RESOURCE_EXHAUSTED.withDescription("Cut off: nothing was taken for %d s. Go on from cursor %s."
                    .formatted(patience.toSeconds(), source.cursor(place))));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end(Status.UNAVAILABLE.withDescription("The node stops."));
        } catch (RuntimeException e) {
            LOG.error("The feed cannot be served after {}", place, e);
            end(Status.INTERNAL.withDescription(
                    "The feed cannot be served after cursor %s: %s".formatted(source.cursor(place), e)));
        }
    }

    private void serveNext() throws InterruptedException, TooSlow {
        Duration untilBookmark = bookmarkEvery.minusNanos(System.nanoTime() - lastSaid);
        try {
            for (Published next : source.after(place, untilBookmark.isNegative() ? Duration.ZERO : untilBookmark)) {
                if (filter.wants(next)) {
                    say(WatchResponse.newBuilder().setEvent(next.event()).build());
                }
                place = next.cursor();
            }
        } catch (DatabaseUnavailableException | DatabaseRefusedException e) {
            LOG.warn("A reader of the feed waits for the database after {}: {}", place, e.getMessage());
            woken.tryAcquire(1, TimeUnit.SECONDS);
        }
        if (System.nanoTime() - lastSaid >= bookmarkEvery.toNanos()) {
            bookmark();
        }
    }

    private void bookmark() throws InterruptedException, TooSlow {
        say(WatchResponse.newBuilder()
                .setBookmark(
                        Bookmark.newBuilder().setCursor(source.cursor(place).toString()))
                .build());
    }

    private void say(WatchResponse response) throws InterruptedException, TooSlow {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!out.isReady() && !out.isCancelled() && !stopping) {
            if (!woken.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new TooSlow();
            }
        }
        if (!out.isCancelled() && !stopping) {
            out.onNext(response);
            lastSaid = System.nanoTime();
        }
    }

    private void end(Status status) {
        if (!out.isCancelled()) {
            out.onError(status.asRuntimeException());
        }
    }

    private static final class TooSlow extends Exception {}
}
