package dev.neurath.persistence.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;

/** The SQL of the snapshot table; decides nothing and keeps no state. */
final class SnapshotTable {
    private static final String SAVE = "insert into neurath.snapshot (persistence_id, seq_nr, taken_at,"
            + " ser_id, ser_manifest, payload, meta_ser_id, meta_manifest, meta) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            + " on conflict (persistence_id, seq_nr) do update set taken_at = excluded.taken_at,"
            + " ser_id = excluded.ser_id, ser_manifest = excluded.ser_manifest, payload = excluded.payload,"
            + " meta_ser_id = excluded.meta_ser_id, meta_manifest = excluded.meta_manifest, meta = excluded.meta";
    private static final String WITHIN =
            " where persistence_id = ? and seq_nr between ? and ? and taken_at between ? and ?";
    private static final String LATEST = "select persistence_id, seq_nr, taken_at, ser_id, ser_manifest, payload,"
            + " meta_ser_id, meta_manifest, meta from neurath.snapshot" + WITHIN + " order by seq_nr desc limit 1";
    private static final String DELETE_WITHIN = "delete from neurath.snapshot" + WITHIN;

    private SnapshotTable() {}

    static void save(Connection connection, SnapshotRow row) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(SAVE)) {
            upsert.setString(1, row.persistenceId());
            upsert.setLong(2, row.sequenceNr());
            upsert.setLong(3, row.takenAt());
            EventTable.setOptional(upsert, 4, row.payload());
            EventTable.setOptional(upsert, 7, row.metadata());
            upsert.executeUpdate();
        }
    }

    static Optional<SnapshotRow> latest(Connection connection, String persistenceId, SnapshotSelectionCriteria criteria)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LATEST)) {
            setBounds(select, persistenceId, criteria);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                return Optional.of(new SnapshotRow(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        new Payload(row.getInt(4), row.getString(5), row.getBytes(6)),
                        EventTable.optional(row, 7)));
            }
        }
    }

    /** The one with this number; a timestamp of 0 stands for any. */
    static void delete(Connection connection, SnapshotMetadata metadata) throws SQLException {
        boolean anyTime = metadata.timestamp() == 0;
        delete(
                connection,
                metadata.persistenceId(),
                SnapshotSelectionCriteria.create(
                        metadata.sequenceNr(),
                        anyTime ? Long.MAX_VALUE : metadata.timestamp(),
                        metadata.sequenceNr(),
                        anyTime ? Long.MIN_VALUE : metadata.timestamp()));
    }

    static void delete(Connection connection, String persistenceId, SnapshotSelectionCriteria criteria)
            throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(DELETE_WITHIN)) {
            setBounds(delete, persistenceId, criteria);
            delete.executeUpdate();
        }
    }

    private static void setBounds(PreparedStatement statement, String persistenceId, SnapshotSelectionCriteria criteria)
            throws SQLException {
        statement.setString(1, persistenceId);
        statement.setLong(2, criteria.minSequenceNr());
        statement.setLong(3, criteria.maxSequenceNr());
        statement.setLong(4, criteria.minTimestamp());
        statement.setLong(5, criteria.maxTimestamp());
    }
}
