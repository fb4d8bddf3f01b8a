package dev.neurath.testbed.beat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One whole line of a guest's log, of the beating guest or of the Linux guest: they share no form. */
public sealed interface GuestLine {

    /**
     * A sign of life with its number; consecutive in a guest whose memory and log are whole.
     *
     * @param sound false when the guest says with it that its memory or its disk does not hold what it must
     */
    record Beat(long number, boolean sound, String text) implements GuestLine {}

    /**
     * The beating guest's account of itself.
     *
     * @param ticks timer interrupts that the guest has counted
     * @param errors pages found wrong so far
     * @param missed ticks that passed while the guest was busy
     */
    record Status(long ticks, long errors, long missed) implements GuestLine {}

    /** A page that is wrong, an exception, a panic: the guest is damaged. */
    record Damage(String text) implements GuestLine {}

    /** Half a line where a whole one must be: something of the log is lost. */
    record Torn(String text) implements GuestLine {}

    /** What the guest says while it boots. */
    record Talk(String text) implements GuestLine {}

    static GuestLine parse(String line) {
        return Forms.parse(line);
    }

    /** How lines are told apart. */
    final class Forms {
        private static final Pattern LINUX =
                Pattern.compile("L (\\d{1,18}) mem=(ok|BAD) disk=(ok|BAD) t=\\d+(\\.\\d+)?");
        // Guests of others end the line with the clock and do not count what they missed.
        private static final Pattern STATUS = Pattern.compile(
                "S t=([0-9a-f]{8}) .*\\berrs=(\\d{1,18})\\b.*\\b(?:missed=(\\d{1,18})|rtc=\\d\\d:\\d\\d:\\d\\d)");
        private static final int BEAT_DIGITS = 8;

        private Forms() {}

        static GuestLine parse(String line) {
            if (line.length() == BEAT_DIGITS && isHex(line)) {
                return new Beat(Long.parseLong(line, 16), true, line);
            }
            Matcher linux = LINUX.matcher(line);
            if (linux.matches()) {
                boolean sound = linux.group(2).equals("ok") && linux.group(3).equals("ok");
                return new Beat(Long.parseLong(linux.group(1)), sound, line);
            }
            Matcher status = STATUS.matcher(line);
            if (status.matches()) {
                return new Status(
                        Long.parseLong(status.group(1), 16),
                        Long.parseLong(status.group(2)),
                        status.group(3) == null ? 0 : Long.parseLong(status.group(3)));
            }
            if (line.startsWith("E page=")
                    || line.startsWith("X exc=")
                    || line.contains("Kernel panic")
                    || line.contains("BUG: ")
                    || line.contains("Oops: ")) {
                return new Damage(line);
            }
            if (line.startsWith("FILL ") || line.equals("READY")) {
                return new Talk(line);
            }
            // Linux says what it likes while booting, but never a bare hexadecimal or the head of a known line.
            boolean torn = isHex(line) || line.startsWith("L ") || line.startsWith("S t");
            return torn ? new Torn(line) : new Talk(line);
        }

        private static boolean isHex(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (Character.digit(text.charAt(i), 16) < 0 || Character.isUpperCase(text.charAt(i))) {
                    return false;
                }
            }
            return !text.isEmpty();
        }
    }
}
