package dev.neurath.intent;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations like 30s, 10m, 200ms, 1h and sizes like 256M, 4G, 4GiB; both must name their unit. */
final class Units {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(K|M|G|T)(?:iB)?");

    /** QEMU and everybody who sizes RAM means powers of two. */
    private static final Map<String, Integer> SHIFTS = Map.of("K", 10, "M", 20, "G", 30, "T", 40);

    private Units() {}

    static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "is '%s', which is no duration: 200ms, 30s, 10m and 1h are".formatted(text));
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /** @return bytes */
    static long size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is '%s', which is no size: 256M, 4G and 4GiB are".formatted(text));
        }
        long amount = Long.parseLong(matcher.group(1));
        int shift = SHIFTS.getOrDefault(matcher.group(2), 0);
        if (amount > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("is '%s', which is more than any machine has".formatted(text));
        }
        return amount << shift;
    }
}
