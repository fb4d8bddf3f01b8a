package dev.neurath.coordinator.feed;

import com.google.rpc.Code;
import dev.neurath.persistence.feed.FeedCursor;
import dev.neurath.proto.v1.Gap;
import dev.neurath.proto.v1.Start;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a reader begins, and the gap that it has to be told of.
 *
 * @param gap null if its cursor is good, or it had none
 */
record StartPlace(FeedCursor place, @Nullable Gap gap) {

    /** No start means the oldest. */
    static StartPlace of(Start start, FeedSource source) {
        return switch (start.getStartCase()) {
            case NOW -> new StartPlace(source.latest(), null);
            case AFTER -> after(start.getAfter(), source);
            case OLDEST, START_NOT_SET -> new StartPlace(FeedCursor.START, null);
        };
    }

    private static StartPlace after(String text, FeedSource source) {
        Optional<CursorText> cursor = CursorText.parse(text);
        if (cursor.isEmpty()) {
            throw malformed(text);
        }
        if (!cursor.get().epoch().equals(source.epoch())) {
            return gap(
                    text,
                    source,
                    "The cursor belongs to another history of this journal: it was restored from a backup.");
        }
        FeedCursor place = cursor.get().place();
        FeedCursor latest = source.latest();
        if (place.compareTo(latest) > 0) {
            return gap(
                    text,
                    source,
                    "The cursor lies after the journal's end (%s): the journal has lost what was read before."
                            .formatted(source.cursor(latest)));
        }
        return new StartPlace(place, null);
    }

    /** From the oldest on: what was read before may be other events than those that are there now, and ids tell the rest. */
    private static StartPlace gap(String asked, FeedSource source, String reason) {
        return new StartPlace(
                FeedCursor.START,
                Gap.newBuilder()
                        .setAsked(asked)
                        .setResumed(source.cursor(FeedCursor.START).toString())
                        .setReason(reason)
                        .build());
    }

    private static StatusRuntimeException malformed(String text) {
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(Code.INVALID_ARGUMENT_VALUE)
                .setMessage("'%s' is not a cursor of this feed.".formatted(text))
                .build());
    }
}
