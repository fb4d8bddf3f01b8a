package dev.neurath.cli.output;

import com.google.protobuf.Timestamp;
import dev.neurath.cli.output.StyledLine.Style;
import dev.neurath.proto.v1.Method;
import dev.neurath.proto.v1.Pause;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How the words of the API read in a table. */
public final class Words {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter DATE_AND_CLOCK =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Words() {}

    public static Style style(String word) {
        return switch (word) {
            case "COMPLETE", "UPGRADED", "STEADY", "CONNECTED", "OK" -> Style.GOOD;
            case "RUNNING",
                    "BAKING",
                    "IN_FLIGHT",
                    "PREPARING",
                    "READY",
                    "SWITCHING",
                    "VERIFYING",
                    "STARTING",
                    "STOPPING" -> Style.BUSY;
            case "AS_IT_WAS", "PAUSED", "ABORTING", "ABORTED", "REFUSED", "UNREACHABLE", "WARNING", "WARN", "HELD" ->
                Style.WARNING;
            case "FAILED", "FAIL", "LOST", "QUARANTINED", "UNCERTAIN", "GONE", "DECLARED_DEAD", "ERROR" -> Style.BAD;
            default -> Style.PLAIN;
        };
    }

    public static String method(Method method) {
        return switch (method) {
            case METHOD_CPR_TRANSFER -> "cpr-transfer";
            case METHOD_SHARED_RAM -> "shared-ram";
            case METHOD_UNSPECIFIED, UNRECOGNIZED -> "";
        };
    }

    public static String pause(Pause pause) {
        return switch (pause.getPauseCase()) {
            case NONE -> "no pause";
            case MEASURED -> millis(Documents.toMillis(pause.getMeasured()));
            case AT_LEAST -> "≥ " + millis(Documents.toMillis(pause.getAtLeast()));
            case PAUSE_NOT_SET -> "";
        };
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, millis < 100 ? "%.1f ms" : "%.0f ms", millis);
    }

    public static String clock(Timestamp time, ZoneId zone) {
        return isSet(time) ? CLOCK.format(Documents.instant(time).atZone(zone)) : "";
    }

    public static String dateAndClock(Timestamp time, ZoneId zone) {
        return isSet(time) ? DATE_AND_CLOCK.format(Documents.instant(time).atZone(zone)) : "";
    }

    private static boolean isSet(Timestamp time) {
        return time.getSeconds() != 0 || time.getNanos() != 0;
    }

    public static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return seconds + "s";
        }
        return seconds < 3600
                ? seconds / 60 + "m" + seconds % 60 + "s"
                : seconds / 3600 + "h" + seconds % 3600 / 60 + "m";
    }

    public static String bytes(long bytes) {
        return bytes >= 1L << 30
                ? String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30))
                : bytes / (1L << 20) + " MiB";
    }

    public static String count(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
