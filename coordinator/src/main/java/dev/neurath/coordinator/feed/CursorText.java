package dev.neurath.coordinator.feed;

import dev.neurath.persistence.feed.FeedCursor;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cursors as clients hold them: {@code EPOCH~XID-ORD}. The epoch names the history that the place is in, so that a cursor given out before the
 * database was restored is recognized.
 */
record CursorText(String epoch, FeedCursor place) {
    private static final Pattern TEXT = Pattern.compile("([0-9.]{1,40})~([0-9-]{3,40})");

    /** @return empty for text that no node ever gave out */
    static Optional<CursorText> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new CursorText(parts.group(1), FeedCursor.parse(parts.group(2))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return epoch + "~" + place;
    }
}
