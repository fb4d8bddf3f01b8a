package dev.neurath.persistence.events;

/** What the journal holds, and this build does not understand: a newer build wrote it, or it is damaged. */
public final class UnreadableEvent extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    UnreadableEvent(String sentence) {
        super(sentence);
    }

    UnreadableEvent(String sentence, Throwable cause) {
        super(sentence, cause);
    }

    /** @param place of the event in the journal */
    public UnreadableEvent at(String place) {
        return new UnreadableEvent(place + ": " + getMessage(), this);
    }
}
