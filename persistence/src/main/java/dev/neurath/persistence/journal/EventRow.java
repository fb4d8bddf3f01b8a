package dev.neurath.persistence.journal;

import java.io.NotSerializableException;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.serialization.Serialization;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.OptionConverters;

/**
 * One event as the journal's table holds it.
 *
 * <p>Two rows are equal exactly when they are the same write: same entity, number, writer and content. Tags are dropped: the
 * feed carries every event, and nothing here reads by tag.
 */
record EventRow(
        String persistenceId,
        long sequenceNr,
        String writer,
        long writtenAt,
        String eventManifest,
        Payload payload,
        @Nullable Payload metadata) {

    /** @param now milliseconds since 1970, of the write: Pekko leaves the time to the journal */
    static EventRow of(PersistentRepr event, long now, Serialization serialization) throws NotSerializableException {
        Object content = event.payload() instanceof Tagged tagged ? tagged.payload() : event.payload();
        Object metadata = OptionConverters.toJava(event.metadata()).orElse(null);
        return new EventRow(
                event.persistenceId(),
                event.sequenceNr(),
                event.writerUuid(),
                event.timestamp() == 0 ? now : event.timestamp(),
                event.manifest(),
                Payload.of(content, serialization),
                metadata == null ? null : Payload.of(metadata, serialization));
    }

    PersistentRepr read(Serialization serialization) {
        PersistentRepr event = PersistentRepr.apply(
                        payload.read(serialization), sequenceNr, persistenceId, eventManifest, false, null, writer)
                .withTimestamp(writtenAt);
        return metadata == null ? event : event.withMetadata(metadata.read(serialization));
    }

    /** Bytes this row keeps in memory while it waits, roughly: the strings and objects around it count as 200. */
    int weight() {
        return 200 + payload.bytes().length + (metadata == null ? 0 : metadata.bytes().length);
    }
}
