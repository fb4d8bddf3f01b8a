package dev.neurath.persistence.journal;

/** More waits to be written than this node is ready to hold in memory. */
public final class JournalFullException extends RuntimeException {
    JournalFullException(long appends, long bytes) {
        super("The journal's queue is full (" + appends + " appends, " + bytes
                + " bytes wait for the database): this append was not taken and nothing of it was written");
    }
}
