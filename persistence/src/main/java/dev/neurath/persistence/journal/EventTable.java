package dev.neurath.persistence.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The SQL of the journal's tables; decides nothing and keeps no state. */
final class EventTable {
    private static final String COLUMNS = "persistence_id, seq_nr, writer, written_at, event_manifest,"
            + " ser_id, ser_manifest, payload, meta_ser_id, meta_manifest, meta";
    private static final String INSERT =
            "insert into neurath.event (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String FIND = "select " + COLUMNS + " from neurath.event where (persistence_id, seq_nr) in"
            + " (select * from unnest(?::text[], ?::bigint[]))";
    private static final String REPLAY = "select " + COLUMNS + " from neurath.event where persistence_id = ?"
            + " and seq_nr >= ? and seq_nr <= ? and seq_nr >"
            + " coalesce((select deleted_to from neurath.deletion where persistence_id = ?), 0)"
            + " order by seq_nr limit ?";
    private static final String HIGHEST = "select coalesce(max(seq_nr), 0) from neurath.event where persistence_id = ?";
    private static final String ANY_DELETED = "select 1 from neurath.deletion where persistence_id = ?";
    private static final String DELETE_TO = "insert into neurath.deletion (persistence_id, deleted_to)"
            + " select ?, least(?, highest) from"
            + " (select max(seq_nr) as highest from neurath.event where persistence_id = ?) as written"
            + " where highest is not null"
            + " on conflict (persistence_id) do update"
            + " set deleted_to = greatest(neurath.deletion.deleted_to, excluded.deleted_to)";

    /** Where a row stands: which entity, which number. */
    record Key(String persistenceId, long sequenceNr) {
        static Key of(EventRow row) {
            return new Key(row.persistenceId(), row.sequenceNr());
        }
    }

    private EventTable() {}

    /** In the order given: {@code ord} is drawn row by row. */
    static void insert(Connection connection, Iterable<EventRow> rows) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (EventRow row : rows) {
                insert.setString(1, row.persistenceId());
                insert.setLong(2, row.sequenceNr());
                insert.setString(3, row.writer());
                insert.setLong(4, row.writtenAt());
                insert.setString(5, row.eventManifest());
                insert.setInt(6, row.payload().serializerId());
                insert.setString(7, row.payload().manifest());
                insert.setBytes(8, row.payload().bytes());
                setOptional(insert, 9, row.metadata());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    static Map<Key, EventRow> find(Connection connection, List<EventRow> rows) throws SQLException {
        String[] ids = rows.stream().map(EventRow::persistenceId).toArray(String[]::new);
        Long[] numbers = rows.stream().map(EventRow::sequenceNr).toArray(Long[]::new);
        try (PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setArray(1, connection.createArrayOf("text", ids));
            find.setArray(2, connection.createArrayOf("bigint", numbers));
            Map<Key, EventRow> found = new HashMap<>();
            for (EventRow row : read(find)) {
                found.put(Key.of(row), row);
            }
            return found;
        }
    }

    /** What is left to replay of one entity, from a number on, at most {@code limit} rows. */
    static List<EventRow> page(Connection connection, String persistenceId, long from, long to, long limit)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(REPLAY)) {
            select.setString(1, persistenceId);
            select.setLong(2, from);
            select.setLong(3, to);
            select.setString(4, persistenceId);
            select.setLong(5, limit);
            return read(select);
        }
    }

    /** Rows are never removed, so the highest number ever written is that of the last row. */
    static long highest(Connection connection, String persistenceId) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(HIGHEST)) {
            select.setString(1, persistenceId);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    static boolean anyDeleted(Connection connection, String persistenceId) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ANY_DELETED)) {
            select.setString(1, persistenceId);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    static void deleteTo(Connection connection, String persistenceId, long toSequenceNr) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(DELETE_TO)) {
            upsert.setString(1, persistenceId);
            upsert.setLong(2, toSequenceNr);
            upsert.setString(3, persistenceId);
            upsert.executeUpdate();
        }
    }

    /** Sets three parameters: serializer, manifest, bytes. */
    static void setOptional(PreparedStatement statement, int first, @Nullable Payload payload) throws SQLException {
        if (payload == null) {
            statement.setNull(first, Types.INTEGER);
            statement.setNull(first + 1, Types.VARCHAR);
            statement.setNull(first + 2, Types.BINARY);
        } else {
            statement.setInt(first, payload.serializerId());
            statement.setString(first + 1, payload.manifest());
            statement.setBytes(first + 2, payload.bytes());
        }
    }

    static @Nullable Payload optional(ResultSet row, int first) throws SQLException {
        byte[] bytes = row.getBytes(first + 2);
        return bytes == null ? null : new Payload(row.getInt(first), row.getString(first + 1), bytes);
    }

    private static List<EventRow> read(PreparedStatement select) throws SQLException {
        List<EventRow> rows = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                rows.add(new EventRow(
                        row.getString(1),
                        row.getLong(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getString(5),
                        new Payload(row.getInt(6), row.getString(7), row.getBytes(8)),
                        optional(row, 9)));
            }
        }
        return rows;
    }
}
