package dev.neurath.persistence.journal;

import com.typesafe.config.Config;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseExtension;
import dev.neurath.persistence.events.UnreadableEvent;
import java.io.NotSerializableException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.snapshot.japi.SnapshotStore;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.Future;
import scala.jdk.javaapi.OptionConverters;

/**
 * Pekko's snapshot store on PostgreSQL, plugin id {@code neurath.snapshot-store}.
 *
 * <p>A snapshot with a number that is there already replaces it. Every operation is idempotent and waits for a database that
 * is away; a snapshot is only a shortcut, so losing one costs time and no truth.
 */
public final class NeurathSnapshotStore extends SnapshotStore {
    private static final Logger LOG = LoggerFactory.getLogger(NeurathSnapshotStore.class);

    private final Serialization serialization =
            SerializationExtension.get(context().system());
    private final Database database = DatabaseExtension.databaseOf(context().system());
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final long maxSnapshotBytes;

    public NeurathSnapshotStore(Config config) {
        this.maxSnapshotBytes = config.getBytes("max-snapshot-bytes");
    }

    @Override
    public void postStop() throws Exception {
        workers.shutdown();
        super.postStop();
    }

    @Override
    public Future<Optional<SelectedSnapshot>> doLoadAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        return Completion.of(async(() -> {
            Optional<SnapshotRow> row = database.run(
                    "loading a snapshot of " + persistenceId,
                    connection -> SnapshotTable.latest(connection, persistenceId, criteria));
            return row.flatMap(this::readOrPassOver);
        }));
    }

    /**
     * A snapshot of another level than this build's, or one that says what it does not know, is passed over, and all events are replayed: what an older build
     * kept lacks what the events have told newer ones. Only where events were deleted the snapshot is all that there is.
     */
    private Optional<SelectedSnapshot> readOrPassOver(SnapshotRow row) {
        try {
            return Optional.of(read(row));
        } catch (UnreadableEvent e) {
            boolean deleted = database.run(
                    "looking for deleted events of " + row.persistenceId(),
                    connection -> EventTable.anyDeleted(connection, row.persistenceId()));
            if (deleted) {
                throw e.at("snapshot " + row.sequenceNr() + " of " + row.persistenceId());
            }
            LOG.info("Snapshot {} of {} is passed over: {}", row.sequenceNr(), row.persistenceId(), e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Future<Void> doSaveAsync(SnapshotMetadata metadata, Object snapshot) {
        SnapshotRow row;
        try {
            row = write(metadata, snapshot);
        } catch (Exception e) {
            return Completion.withoutValue(CompletableFuture.failedFuture(e));
        }
        return Completion.withoutValue(async(
                () -> database.run("saving a snapshot of " + metadata.persistenceId(), connection -> {
                    SnapshotTable.save(connection, row);
                    return row;
                })));
    }

    @Override
    public Future<Void> doDeleteAsync(SnapshotMetadata metadata) {
        return Completion.withoutValue(async(
                () -> database.run("deleting a snapshot of " + metadata.persistenceId(), connection -> {
                    SnapshotTable.delete(connection, metadata);
                    return metadata;
                })));
    }

    @Override
    public Future<Void> doDeleteAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        return Completion.withoutValue(async(
                () -> database.run("deleting snapshots of " + persistenceId, connection -> {
                    SnapshotTable.delete(connection, persistenceId, criteria);
                    return persistenceId;
                })));
    }

    private SnapshotRow write(SnapshotMetadata metadata, Object snapshot) throws NotSerializableException {
        Payload payload = Payload.of(snapshot, serialization);
        if (payload.bytes().length > maxSnapshotBytes) {
            throw new NotSerializableException("The snapshot of " + metadata.persistenceId() + " takes "
                    + payload.bytes().length + " bytes, neurath.snapshot-store.max-snapshot-bytes allows "
                    + maxSnapshotBytes);
        }
        Object meta = OptionConverters.toJava(metadata.metadata()).orElse(null);
        return new SnapshotRow(
                metadata.persistenceId(),
                metadata.sequenceNr(),
                metadata.timestamp(),
                payload,
                meta == null ? null : Payload.of(meta, serialization));
    }

    private SelectedSnapshot read(SnapshotRow row) {
        SnapshotMetadata bare = SnapshotMetadata.apply(row.persistenceId(), row.sequenceNr(), row.takenAt());
        Payload meta = row.metadata();
        return SelectedSnapshot.create(
                meta == null ? bare : bare.withMetadata(meta.read(serialization)),
                row.payload().read(serialization));
    }

    private <T> CompletionStage<T> async(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, workers);
    }
}
