package dev.neurath.ca;

import org.jspecify.annotations.Nullable;

/** What a CA cannot do, with the way out. */
public final class CaFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final String wayOut;

    CaFailure(String sentence, String wayOut, @Nullable Throwable cause) {
        super(sentence, cause);
        this.wayOut = wayOut;
    }

    public String wayOut() {
        return wayOut;
    }
}
