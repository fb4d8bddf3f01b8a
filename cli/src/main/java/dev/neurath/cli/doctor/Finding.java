package dev.neurath.cli.doctor;

/**
 * One thing that was looked at.
 *
 * @param check what was looked at, for example {@code tmpfs}
 * @param sentence what was found
 * @param wayOut what to do about it; empty when it is fine
 */
public record Finding(String check, Verdict verdict, String sentence, String wayOut) {
    /** Written as they are printed. */
    public enum Verdict {
        OK,
        /** It works, but not for everything or not for long. */
        WARN,
        /** Something will not work. */
        FAIL
    }

    static Finding ok(String check, String sentence) {
        return new Finding(check, Verdict.OK, sentence, "");
    }

    static Finding warn(String check, String sentence, String wayOut) {
        return new Finding(check, Verdict.WARN, sentence, wayOut);
    }

    static Finding fail(String check, String sentence, String wayOut) {
        return new Finding(check, Verdict.FAIL, sentence, wayOut);
    }
}
