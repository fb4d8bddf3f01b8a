package dev.neurath.model;

import java.util.regex.Pattern;

/**
 * What every id of the fleet may look like: it must be fit for a file name, a socket path, a label and a URL, because it stands in all four.
 */
final class Ids {
    /** 64 keeps `vm/generation/tag` socket paths below the kernel's 107 bytes for sun_path with a short state directory. */
    private static final Pattern SHAPE = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}");

    private Ids() {}

    static void check(String what, String value) {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "%s '%s' must be 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit"
                            .formatted(what, value));
        }
    }
}
