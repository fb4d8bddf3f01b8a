package dev.neurath.coordinator.api;

import dev.neurath.proto.v1.ExplainResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * Why something is as it is.
 *
 * @param headline what it is, since when
 * @param canDo next commands, the likeliest first
 * @param ways of a VM to other releases, with the evidence
 */
record Explanation(
        String headline, String happened, String safe, String blocks, List<String> canDo, List<String> ways) {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

    Explanation(String headline, String happened, String safe, String blocks, List<String> canDo) {
        this(headline, happened, safe, blocks, canDo, List.of());
    }

    ExplainResponse toProto() {
        return ExplainResponse.newBuilder()
                .setHeadline(headline)
                .setWhatHappened(happened)
                .setWhatIsSafe(safe)
                .setWhatItBlocks(blocks)
                .addAllWhatYouCanDo(canDo)
                .addAllWays(ways)
                .build();
    }

    static String since(Instant at, Instant now) {
        return "since %s (%s)".formatted(CLOCK.format(at), ago(Duration.between(at, now)));
    }

    private static String ago(Duration age) {
        if (age.toMinutes() < 2) {
            return Math.max(0, age.toSeconds()) + " s";
        }
        return age.toHours() < 2 ? age.toMinutes() + " min" : age.toHours() + " h";
    }
}
