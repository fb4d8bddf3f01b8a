package dev.neurath.persistence.nodes;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The SQL of the tables {@code node} and {@code cluster}; decides nothing. */
final class NodeTable {
    private static final String FOUNDING = "select founding from neurath.cluster";
    private static final String ALL = "select address, incarnation, founding, beats,"
            + " clock_timestamp() - seen_at < ? * interval '1 millisecond' from neurath.node order by address";
    private static final String PUT = "insert into neurath.node (address, incarnation, founding) values (?, ?, ?)"
            + " on conflict (address) do update set incarnation = excluded.incarnation, founding = excluded.founding,"
            + " beats = neurath.node.beats + 1, seen_at = clock_timestamp()";
    // A member of an older founding finds no row: it must not count as alive in the present one.
    private static final String BEAT = "update neurath.node set beats = beats + 1, seen_at = clock_timestamp()"
            + " where address = ? and incarnation = ?"
            + " and (founding is null or founding = (select founding from neurath.cluster))";

    private NodeTable() {}

    static Optional<UUID> founding(Connection connection) throws SQLException {
        return founding(connection, FOUNDING);
    }

    static Optional<UUID> lockFounding(Connection connection) throws SQLException {
        return founding(connection, FOUNDING + " for update");
    }

    static void found(Connection connection, UUID founding) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update neurath.cluster set founding = ?, founded_at = clock_timestamp()")) {
            update.setObject(1, founding);
            update.executeUpdate();
        }
    }

    static List<NodeRow> all(Connection connection, Duration freshness) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ALL)) {
            select.setLong(1, freshness.toMillis());
            List<NodeRow> rows = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.add(new NodeRow(
                            row.getString(1),
                            row.getObject(2, UUID.class),
                            row.getObject(3, UUID.class),
                            row.getLong(4),
                            row.getBoolean(5)));
                }
            }
            return rows;
        }
    }

    static void put(Connection connection, String address, UUID incarnation, @Nullable UUID founding)
            throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(PUT)) {
            upsert.setString(1, address);
            upsert.setObject(2, incarnation);
            upsert.setObject(3, founding, java.sql.Types.OTHER);
            upsert.executeUpdate();
        }
    }

    static boolean beat(Connection connection, String address, UUID incarnation) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(BEAT)) {
            update.setString(1, address);
            update.setObject(2, incarnation);
            return update.executeUpdate() == 1;
        }
    }

    static void remove(Connection connection, String address, UUID incarnation) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from neurath.node where address = ? and incarnation = ?")) {
            delete.setString(1, address);
            delete.setObject(2, incarnation);
            delete.executeUpdate();
        }
    }

    private static Optional<UUID> founding(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return Optional.ofNullable(row.getObject(1, UUID.class));
        }
    }
}
