package dev.neurath.persistence.embedded;

import org.jspecify.annotations.Nullable;

/** The embedded database cannot be started, stopped or used; the message says what was attempted and what to do. */
public class DatabaseStartException extends RuntimeException {
    public DatabaseStartException(String message) {
        super(message);
    }

    public DatabaseStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
