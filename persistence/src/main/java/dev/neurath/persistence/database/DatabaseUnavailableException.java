package dev.neurath.persistence.database;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The database could not be reached, or could not write, for as long as its caller was ready to wait. */
public final class DatabaseUnavailableException extends RuntimeException {

    public DatabaseUnavailableException(String attempting, String url, Duration waited, @Nullable Throwable last) {
        super(
                "Gave up " + attempting + ": " + url + " did not serve for " + waited.toMillis() + " ms"
                        + (last == null ? "" : "; last error: " + reason(last)),
                last);
    }

    private static String reason(Throwable last) {
        return SqlFailure.isDiskFull(last)
                ? "the database's disk is full (" + last.getMessage() + ")"
                : String.valueOf(last.getMessage());
    }
}
