package dev.neurath.persistence.journal;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What one entity wants written at once, and the promise to it.
 *
 * <p>All rows are of one entity and one writer, and become durable together or not at all. Two appends are never equal.
 */
final class Append {
    private final List<EventRow> rows;
    private final int weight;
    private final long deadlineNanos;
    private final CompletableFuture<Void> written = new CompletableFuture<>();

    Append(List<EventRow> rows, long deadlineNanos) {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("An append has at least one row");
        }
        this.rows = List.copyOf(rows);
        this.weight = rows.stream().mapToInt(EventRow::weight).sum();
        this.deadlineNanos = deadlineNanos;
    }

    /** One life of one entity's actor: Pekko gives each a writer id of its own. */
    record Author(String persistenceId, String writer) {}

    List<EventRow> rows() {
        return rows;
    }

    /** Bytes it keeps in memory while it waits, roughly. */
    int weight() {
        return weight;
    }

    CompletableFuture<Void> written() {
        return written;
    }

    String persistenceId() {
        return rows.getFirst().persistenceId();
    }

    Author author() {
        return new Author(persistenceId(), rows.getFirst().writer());
    }

    boolean expired(long nowNanos) {
        return nowNanos - deadlineNanos >= 0;
    }
}
