package dev.neurath.coordinator.feed;

import dev.neurath.coordinator.fleet.FleetProjection;
import dev.neurath.persistence.database.DatabaseRefusedException;
import dev.neurath.persistence.database.DatabaseUnavailableException;
import dev.neurath.persistence.feed.FeedCursor;
import dev.neurath.proto.v1.EventFeedGrpc;
import dev.neurath.proto.v1.ListEventsRequest;
import dev.neurath.proto.v1.ListEventsResponse;
import dev.neurath.proto.v1.WatchRequest;
import dev.neurath.proto.v1.WatchResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The gRPC service EventFeed. Cursors work on every node, since they are places in the journal. */
public final class EventFeedApi extends EventFeedGrpc.EventFeedImplBase {
    private static final int DEFAULT_LIMIT = 100;
    private static final int HIGHEST_LIMIT = 1000;
    /** Rows looked at for one answer: a filter that matches nothing must not read the whole journal in one call. */
    private static final int LOOKED_AT = 20_000;

    private final FeedSource source;
    private final FleetProjection projection;
    private final Settings settings;
    private final Set<FeedReader> readers = ConcurrentHashMap.newKeySet();

    /** @param readPatience how long List waits for this node's view to be fresh */
    public record Settings(Duration bookmarkEvery, Duration readerPatience, Duration readPatience, int maxReaders) {}

    public EventFeedApi(FeedSource source, FleetProjection projection, Settings settings) {
        this.source = source;
        this.projection = projection;
        this.settings = settings;
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
        if (readers.size() >= settings.maxReaders()) {
            observer.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("This node serves %d readers already.".formatted(settings.maxReaders()))
                    .asRuntimeException());
            return;
        }
        try {
            var reader = new FeedReader(
                    source,
                    StartPlace.of(request.getStart(), source),
                    EventFilter.of(request.getFilter()),
                    (ServerCallStreamObserver<WatchResponse>) observer,
                    settings.bookmarkEvery(),
                    settings.readerPatience());
            readers.add(reader);
            Thread.ofVirtual().name("feed-reader").start(() -> {
                try {
                    reader.run();
                } finally {
                    readers.remove(reader);
                }
            });
        } catch (StatusRuntimeException e) {
            observer.onError(e);
        } catch (DatabaseUnavailableException | DatabaseRefusedException e) {
            observer.onError(unavailable(e));
        }
    }

    @Override
    public void list(ListEventsRequest request, StreamObserver<ListEventsResponse> observer) {
        ListEventsResponse answer;
        try {
            answer = list(request);
        } catch (StatusRuntimeException e) {
            observer.onError(e);
            return;
        } catch (DatabaseUnavailableException | DatabaseRefusedException e) {
            observer.onError(unavailable(e));
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            observer.onError(
                    Status.UNAVAILABLE.withDescription("The node stops.").asRuntimeException());
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    /** Ends every stream with UNAVAILABLE and its last cursor. */
    public void stop() {
        readers.forEach(FeedReader::stop);
    }

    private ListEventsResponse list(ListEventsRequest request) throws InterruptedException {
        int limit = request.getLimit() == 0 ? DEFAULT_LIMIT : request.getLimit();
        if (limit < 1 || limit > HIGHEST_LIMIT) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("limit must be 1 to %d, or 0 for %d, and is %d."
                            .formatted(HIGHEST_LIMIT, DEFAULT_LIMIT, limit))
                    .asRuntimeException();
        }
        projection.catchUp(settings.readPatience());
        StartPlace start = StartPlace.of(request.getStart(), source);
        EventFilter filter = EventFilter.of(request.getFilter());
        var answer = ListEventsResponse.newBuilder();
        if (start.gap() != null) {
            answer.setGap(start.gap());
        }
        FeedCursor place = start.place();
        int looked = 0;
        boolean more = true;
        while (more && answer.getEventsCount() < limit && looked < LOOKED_AT) {
            var page = source.after(place, Duration.ZERO);
            more = !page.isEmpty();
            for (Published next : page) {
                if (answer.getEventsCount() == limit) {
                    break;
                }
                if (filter.wants(next)) {
                    answer.addEvents(next.event());
                }
                place = next.cursor();
                looked++;
            }
        }
        return answer.setCursor(source.cursor(place).toString()).setMore(more).build();
    }

    private static StatusRuntimeException unavailable(RuntimeException e) {
        return Status.UNAVAILABLE
                .withDescription(String.valueOf(e.getMessage()))
                .withCause(e)
                .asRuntimeException();
    }
}
