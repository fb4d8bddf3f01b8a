package dev.neurath.model.explorer;

/** Something that must never be was reached. */
final class Breach extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String invariant;

    /** @param invariant its number in docs/hand-over-protocol.md */
    Breach(String invariant, String sentence) {
        super(sentence, null, false, false);
        this.invariant = invariant;
    }

    String invariant() {
        return invariant;
    }

    String sentence() {
        return String.valueOf(getMessage());
    }
}
