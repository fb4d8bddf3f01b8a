package dev.neurath.persistence.journal;

import org.jspecify.annotations.Nullable;

/** One snapshot as its table holds it. */
record SnapshotRow(
        String persistenceId,
        long sequenceNr,
        long takenAt,
        Payload payload,
        @Nullable Payload metadata) {}
