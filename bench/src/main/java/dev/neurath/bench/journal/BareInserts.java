package dev.neurath.bench.journal;

import dev.neurath.bench.BenchDatabase;
import dev.neurath.bench.Samples;
import dev.neurath.persistence.database.Database;
import dev.neurath.persistence.database.DatabaseSettings;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/** The floor: one connection that commits the same rows into the same table in groups that are given, with nobody to answer and nothing to decide. */
final class BareInserts implements AutoCloseable {
    private static final String INSERT = "insert into neurath.event (persistence_id, seq_nr, writer, written_at,"
            + " event_manifest, ser_id, ser_manifest, payload, meta_ser_id, meta_manifest, meta)"
            + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    /** Pekko's own for byte arrays. */
    private static final int BYTES_SERIALIZER = 4;

    private final BenchDatabase server;
    private final Database database;
    private final Connection connection;

    BareInserts(BenchDatabase server, String url) throws SQLException {
        this.server = server;
        this.database = Database.open(DatabaseSettings.of(url));
        this.connection = database.dedicated("bench");
    }

    /** How many events each transaction of this load had, in their order. */
    static List<Integer> groups(String url, Load load) throws SQLException {
        var groups = new ArrayList<Integer>();
        try (Connection reading = DriverManager.getConnection(url);
                PreparedStatement select = reading.prepareStatement("select count(*) from neurath.event"
                        + " where persistence_id like ? group by xid order by min(ord)")) {
            select.setString(1, load.name() + "|%");
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    groups.add(row.getInt(1));
                }
            }
        }
        return groups;
    }

    void run(Load load, List<Integer> groups, JournalFigures figures) throws IOException, SQLException {
        var payloads = new byte[load.inFlight()][];
        for (int i = 0; i < payloads.length; i++) {
            payloads[i] = load.payload(i);
        }
        var micros = new Samples();
        double cpu = server.cpuMillis();
        long begun = System.nanoTime();
        int written = 0;
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int group : groups) {
                long sent = System.nanoTime();
                for (int i = 0; i < group; i++, written++) {
                    add(insert, load, written, payloads[written % payloads.length]);
                }
                insert.executeBatch();
                connection.commit();
                double took = (System.nanoTime() - sent) / 1e3;
                for (int i = 0; i < group; i++) {
                    micros.add(took);
                }
            }
        }
        double millis = (System.nanoTime() - begun) / 1e6;
        figures.round(written, millis, micros, server.cpuMillis() - cpu);
    }

    private static void add(PreparedStatement insert, Load load, int number, byte[] payload) throws SQLException {
        insert.setString(1, load.name() + "|" + number / load.perEntity());
        insert.setLong(2, number % load.perEntity() + 1);
        insert.setString(3, "bench");
        insert.setLong(4, 0);
        insert.setString(5, "");
        insert.setInt(6, BYTES_SERIALIZER);
        insert.setString(7, "");
        insert.setBytes(8, payload);
        insert.setNull(9, Types.INTEGER);
        insert.setNull(10, Types.VARCHAR);
        insert.setNull(11, Types.BINARY);
        insert.addBatch();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        database.close();
    }
}
