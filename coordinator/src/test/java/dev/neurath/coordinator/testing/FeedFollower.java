package dev.neurath.coordinator.testing;

import dev.neurath.proto.v1.Event;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.Gap;
import dev.neurath.proto.v1.Start;
import dev.neurath.proto.v1.WatchRequest;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A reader of the feed that keeps everything it was sent, and the cursor to go on from elsewhere. */
public final class FeedFollower implements StreamObserver<WatchResponse>, AutoCloseable {
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<Gap> gaps = new CopyOnWriteArrayList<>();
    private final Context.CancellableContext context = Context.current().withCancellation();
    private volatile String cursor = "";
    private volatile @Nullable Throwable failure;
    private final AtomicInteger bookmarks = new AtomicInteger();

    private FeedFollower() {}

    public static FeedFollower oldest(ManagedChannel channel) {
        return start(channel, Start.newBuilder().setOldest(true).build());
    }

    public static FeedFollower after(ManagedChannel channel, String cursor) {
        return start(channel, Start.newBuilder().setAfter(cursor).build());
    }

    public static FeedFollower start(ManagedChannel channel, Start start) {
        var follower = new FeedFollower();
        follower.context.run(() -> EventFeedGrpc.newStub(channel)
                .watch(WatchRequest.newBuilder().setStart(start).build(), follower));
        return follower;
    }

    @Override
    public void onNext(WatchResponse response) {
        switch (response.getMessageCase()) {
            case EVENT -> {
                events.add(response.getEvent());
                cursor = response.getEvent().getCursor();
            }
            case BOOKMARK -> {
                bookmarks.incrementAndGet();
                cursor = response.getBookmark().getCursor();
            }
            case GAP -> gaps.add(response.getGap());
            case MESSAGE_NOT_SET -> throw new IllegalStateException("empty response");
        }
    }

    @Override
    public void onError(Throwable error) {
        failure = error;
    }

    @Override
    public void onCompleted() {}

    public List<Event> events() {
        return new ArrayList<>(events);
    }

    public List<Gap> gaps() {
        return List.copyOf(gaps);
    }

    public String cursor() {
        return cursor;
    }

    public int bookmarks() {
        return bookmarks.get();
    }

    public @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void close() {
        context.cancel(null);
    }
}
