package dev.neurath.persistence.journal;

import com.typesafe.config.Config;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseExtension;
import dev.neurath.persistence.events.UnreadableEvent;
import java.io.NotSerializableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.jspecify.annotations.Nullable;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Pekko's journal on PostgreSQL, plugin id {@code neurath.journal}.
 *
 * <p>An event that cannot be serialized, or is too big, is rejected and the others of its batch are written; everything else
 * that goes wrong fails the write, and Pekko stops the entity. Reading waits for what the same entity still has on its way,
 * so that a restarted actor never reuses a sequence number.
 */
public final class NeurathJournal extends AsyncWriteJournal {
    private final Serialization serialization =
            SerializationExtension.get(context().system());
    private final Database database = DatabaseExtension.databaseOf(context().system());
    private final GroupWriter writer;
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
    private final int pageRows;
    private final long maxEventBytes;

    public NeurathJournal(Config config) {
        this.writer = new GroupWriter(database, WriterSettings.from(config));
        this.pageRows = config.getInt("replay-page-rows");
        this.maxEventBytes = config.getBytes("max-event-bytes");
    }

    @Override
    public void postStop() throws Exception {
        writer.close();
        readers.shutdown();
        super.postStop();
    }

    @Override
    public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> messages) {
        List<Optional<Exception>> outcomes = new ArrayList<>();
        List<EventRow> rows = new ArrayList<>();
        boolean rejections = false;
        for (AtomicWrite write : messages) {
            List<EventRow> prepared = new ArrayList<>();
            Exception rejection = prepare(write, prepared);
            if (rejection == null) {
                rows.addAll(prepared);
            } else {
                rejections = true;
            }
            outcomes.add(Optional.ofNullable(rejection));
        }
        long began = System.nanoTime();
        Iterable<Optional<Exception>> result = rejections ? outcomes : List.of();
        CompletableFuture<Iterable<Optional<Exception>>> written = rows.isEmpty()
                ? CompletableFuture.completedFuture(result)
                : writer.append(rows).thenApply(done -> {
                    AppendTimes.durable(began);
                    return result;
                });
        return Completion.of(written);
    }

    @Override
    public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
        return Completion.withoutValue(afterWrites(persistenceId, () -> {
            return database.run("deleting events of " + persistenceId, connection -> {
                EventTable.deleteTo(connection, persistenceId, toSequenceNr);
                return persistenceId;
            });
        }));
    }

    @Override
    public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
        return Completion.of(afterWrites(
                persistenceId,
                () -> database.run(
                        "reading the highest sequence number of " + persistenceId,
                        connection -> EventTable.highest(connection, persistenceId))));
    }

    @Override
    public Future<Void> doAsyncReplayMessages(
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            long max,
            Consumer<PersistentRepr> replayCallback) {
        return Completion.withoutValue(afterWrites(persistenceId, () -> {
            replay(persistenceId, fromSequenceNr, toSequenceNr, max, replayCallback);
            return persistenceId;
        }));
    }

    // A page is read whole and its connection given back before the events are handed on: a slow entity holds no
    // connection.
    private void replay(String persistenceId, long from, long to, long max, Consumer<PersistentRepr> replayCallback) {
        long next = from;
        long left = max;
        while (left > 0 && next <= to) {
            long first = next;
            long limit = Math.min(pageRows, left);
            List<EventRow> page = database.run(
                    "replaying " + persistenceId + " from event " + first,
                    connection -> EventTable.page(connection, persistenceId, first, to, limit));
            for (EventRow row : page) {
                replayCallback.accept(read(row));
            }
            if (page.size() < limit) {
                return;
            }
            left -= page.size();
            next = page.getLast().sequenceNr() + 1;
        }
    }

    private PersistentRepr read(EventRow row) {
        try {
            return row.read(serialization);
        } catch (UnreadableEvent e) {
            throw e.at("event " + row.sequenceNr() + " of " + row.persistenceId());
        }
    }

    private @Nullable Exception prepare(AtomicWrite write, List<EventRow> rows) {
        try {
            for (PersistentRepr event : CollectionConverters.asJava(write.payload())) {
                EventRow row = EventRow.of(event, System.currentTimeMillis(), serialization);
                if (row.weight() > maxEventBytes) {
                    throw new NotSerializableException(
                            "Event " + event.sequenceNr() + " of " + event.persistenceId() + " takes " + row.weight()
                                    + " bytes, neurath.journal.max-event-bytes allows " + maxEventBytes);
                }
                rows.add(row);
            }
            return null;
        } catch (Exception e) {
            return e;
        }
    }

    private <T extends @Nullable Object> CompletionStage<T> afterWrites(String persistenceId, Supplier<T> read) {
        return writer.settled(persistenceId).thenApplyAsync(done -> read.get(), readers);
    }
}
