package dev.neurath.persistence.database;

import org.jspecify.annotations.Nullable;

/** The database answered, and its answer will be the same however often it is asked. */
public final class DatabaseRefusedException extends RuntimeException {

    public DatabaseRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
