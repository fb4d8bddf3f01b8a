package dev.neurath.identity;

import org.jspecify.annotations.Nullable;

/** A directory of credentials that cannot be used, with the file that is to blame and the way out. */
public final class BadCredentials extends Exception {
    private static final long serialVersionUID = 1;

    BadCredentials(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
    }
}
