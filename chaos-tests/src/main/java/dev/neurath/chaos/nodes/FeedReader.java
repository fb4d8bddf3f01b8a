package dev.neurath.chaos.nodes;

import dev.neurath.cli.CliFailure;
import dev.neurath.cli.link.Api;
import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.Start;
import dev.neurath.proto.v1.WatchRequest;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** One reader of the whole feed, that goes on at the next node after its own cursor when the one that it reads from dies or falls silent. */
final class FeedReader implements AutoCloseable {
    private static final Duration BEFORE_NEXT_NODE = Duration.ofMillis(200);

    private final Api api;
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<String> gaps = new CopyOnWriteArrayList<>();
    private final Context.CancellableContext context = Context.current().withCancellation();
    private final Thread thread;

    FeedReader(Api api) {
        this.api = api;
        this.thread = Thread.ofPlatform().daemon().name("feed-reader").start(() -> context.run(this::read));
    }

    private void read() {
        Start from = Start.newBuilder().setOldest(true).build();
        while (!context.isCancelled()) {
            WatchRequest request = WatchRequest.newBuilder().setStart(from).build();
            try {
                Iterator<WatchResponse> stream = api.stream(feed -> feed.watch(request));
                while (stream.hasNext()) {
                    WatchResponse next = stream.next();
                    if (next.hasEvent()) {
                        events.add(next.getEvent());
                        from = after(next.getEvent().getCursor());
                    } else if (next.hasBookmark()) {
                        from = after(next.getBookmark().getCursor());
                    } else if (next.hasGap()) {
                        gaps.add(next.getGap().getReason());
                        from = after(next.getGap().getResumed());
                    }
                }
            } catch (StatusRuntimeException | CliFailure ended) {
                // Whatever ended it: what was not read yet comes from the next one, or the count at the end tells.
                api.nextNode();
            }
            LockSupport.parkNanos(BEFORE_NEXT_NODE.toNanos());
        }
    }

    private static Start after(String cursor) {
        return Start.newBuilder().setAfter(cursor).build();
    }

    long count() {
        return events.size();
    }

    List<Event> events() {
        return List.copyOf(events);
    }

    /** Every event once, and those of each subject in their order; gaps count, too. */
    List<String> problems() {
        var found = new ArrayList<String>();
        gaps.forEach(gap -> found.add("the feed has a gap: " + gap));
        Map<String, Long> last = new HashMap<>();
        for (Event event : events) {
            long before = last.getOrDefault(event.getSubject(), 0L);
            if (event.getSequence() != before + 1) {
                found.add("after event " + before + " of " + event.getSubject() + " the feed sent " + event.getId());
            }
            last.put(event.getSubject(), event.getSequence());
        }
        return found;
    }

    @Override
    public void close() {
        context.cancel(null);
        api.close();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
