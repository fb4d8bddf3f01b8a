package dev.neurath.persistence.journal;

/** Somebody else wrote this entity's next event first: the entity lives elsewhere now, and this copy of it must stop. */
public final class StaleWriterException extends RuntimeException {

    StaleWriterException(String message) {
        super(message);
    }

    static StaleWriterException at(EventRow refused, EventRow found) {
        return new StaleWriterException(
                refused.persistenceId() + ": event " + refused.sequenceNr() + " was written already by "
                        + found.writer() + ", so " + refused.writer() + " is a stale copy of the entity");
    }

    static StaleWriterException after(Append.Author author) {
        return new StaleWriterException(author.persistenceId() + ": an earlier event of " + author.writer()
                + " failed, so what follows it must not be written");
    }
}
