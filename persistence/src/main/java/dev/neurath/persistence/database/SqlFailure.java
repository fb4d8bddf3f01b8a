package dev.neurath.persistence.database;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;

/**
 * What an SQL error means for the one who asked: try again, settle a conflict, or give up.
 *
 * <p>An unknown state counts as {@link #REFUSED}: repeating a statement that is wrong would only hide the error.
 */
public enum SqlFailure {
    /** The connection or the server is gone, or out of room: the same work may succeed later. Its result may be unknown. */
    UNAVAILABLE,
    /** A row of that key is there already. */
    CONFLICT,
    /** Lost against another transaction (deadlock, lock timeout): rolled back for certain, may be tried at once. */
    COLLIDED,
    /** Wrong data, missing rights, broken statement: will fail again. */
    REFUSED;

    private static final String DISK_FULL = "53100";

    public static SqlFailure of(SQLException failure) {
        String state = failure.getSQLState();
        if (state == null) {
            boolean transientByType =
                    failure instanceof SQLTransientException || failure instanceof SQLNonTransientConnectionException;
            return transientByType ? UNAVAILABLE : REFUSED;
        }
        if (state.equals("23505")) {
            return CONFLICT;
        }
        if (state.startsWith("40") || state.equals("55P03")) {
            return COLLIDED;
        }
        boolean unavailable = state.startsWith("08") // connection
                || state.startsWith("53") // out of disk, memory, connections
                || state.startsWith("57P") // shut down, crashed, starting up
                || state.startsWith("58") // I/O error below PostgreSQL
                || state.equals("57014") // statement cancelled by a timeout
                || state.equals("25P03") // idle-in-transaction timeout ended the session
                || state.equals("25006"); // read-only: a standby that is about to be promoted
        return unavailable ? UNAVAILABLE : REFUSED;
    }

    static boolean isDiskFull(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && DISK_FULL.equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }
}
