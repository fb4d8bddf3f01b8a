package dev.neurath.persistence.database;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Work on one connection; may be run again from the start when the connection breaks, so it must be idempotent. */
@FunctionalInterface
public interface SqlWork<T extends @Nullable Object> {
    T on(Connection connection) throws SQLException;
}
