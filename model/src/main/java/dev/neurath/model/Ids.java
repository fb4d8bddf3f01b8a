package dev.neurath.model;

/**
 * What every id of the fleet may look like: it must be fit for a file name, a socket path, a label and a URL, because it stands in all four.
 */
final class Ids {
    /** 64 keeps `vm/generation/tag` socket paths below the kernel's 107 bytes for sun_path with a short state directory. */
    private static final int LONGEST = 64;

    private Ids() {}

    static void check(String what, String value) {
        if (!fits(value)) {
            throw new IllegalArgumentException(
                    "%s '%s' must be 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit"
                            .formatted(what, value));
        }
    }

    /** Without a regular expression: ids are made anew with every message and every event. */
    private static boolean fits(String value) {
        if (value.isEmpty() || value.length() > LONGEST || !isLetterOrDigit(value.charAt(0))) {
            return false;
        }
        for (int i = 1; i < value.length(); i++) {
            char next = value.charAt(i);
            if (!isLetterOrDigit(next) && next != '.' && next != '_' && next != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
