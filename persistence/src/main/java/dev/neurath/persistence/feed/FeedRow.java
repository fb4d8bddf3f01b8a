package dev.neurath.persistence.feed;

import com.google.protobuf.ByteString;
import java.time.Instant;

/**
 * One event of the feed, as it was written.
 *
 * @param cursor the place right after this row
 * @param writtenAt by the clock of the node that wrote it
 * @param serializerId Pekko serializer that made the payload
 * @param manifest the payload's type, for events of ours {@code type/version}
 */
public record FeedRow(
        FeedCursor cursor,
        String persistenceId,
        long sequenceNr,
        Instant writtenAt,
        int serializerId,
        String manifest,
        ByteString payload) {}
