package dev.neurath.persistence.feed;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the feed: after the row with this transaction and number. Text form {@code xid-ord}, opaque to clients.
 *
 * <p>Means something only within one {@link FeedLog#epoch}.
 */
public record FeedCursor(long xid, long ord) implements Comparable<FeedCursor> {
    /** Before the first row. */
    public static final FeedCursor START = new FeedCursor(0, 0);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})-(\\d{1,18})");

    public FeedCursor {
        if (xid < 0 || ord < 0) {
            throw new IllegalArgumentException("A feed cursor is never negative: " + xid + "-" + ord);
        }
    }

    /** @throws IllegalArgumentException for text that {@link #toString} did not make */
    public static FeedCursor parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a feed cursor");
        }
        return new FeedCursor(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)));
    }

    @Override
    public int compareTo(FeedCursor other) {
        int byTransaction = Long.compare(xid, other.xid);
        return byTransaction != 0 ? byTransaction : Long.compare(ord, other.ord);
    }

    @Override
    public String toString() {
        return xid + "-" + ord;
    }
}
