package dev.neurath.ca;

import org.jspecify.annotations.Nullable;

/** What a CA cannot do, with the way out. */
public final class CaFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final String wayOut;
    private final boolean mistake;

    CaFailure(String sentence, String wayOut, @Nullable Throwable cause) {
        this(sentence, wayOut, false, cause);
    }

    private CaFailure(String sentence, String wayOut, boolean mistake, @Nullable Throwable cause) {
        super(sentence, cause);
        this.wayOut = wayOut;
        this.mistake = mistake;
    }

    /** @param option of the command line, whose value is at fault */
    static CaFailure mistake(String option, String sentence) {
        return new CaFailure(option + ": " + sentence, "neurath ca issue --help", true, null);
    }

    /** Whether it was asked for what cannot be, whatever the CA's state is. */
    public boolean isMistake() {
        return mistake;
    }

    public String wayOut() {
        return wayOut;
    }
}
