package dev.neurath.persistence.database;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One transaction on a connection: committed when the work returns, rolled back when it throws. */
public final class Transaction {
    private Transaction() {}

    public static <T extends @Nullable Object> T on(Connection connection, SqlWork<T> work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            T result = work.on(connection);
            connection.commit();
            connection.setAutoCommit(true);
            return result;
        } catch (SQLException | RuntimeException e) {
            // A connection that broke can neither roll back nor take a setting: the server has rolled back already, and
            // the
            // caller drops it.
            try {
                connection.rollback();
                connection.setAutoCommit(true);
            } catch (SQLException broken) {
                e.addSuppressed(broken);
            }
            throw e;
        }
    }
}
