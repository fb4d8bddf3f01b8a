package dev.neurath.model.host;

import java.util.OptionalInt;

/**
 * The versions of the agents' link that one side speaks, without gaps. Both sides keep to the newest one that both speak.
 *
 * @param oldest at least 1
 * @param newest at least {@code oldest}
 */
public record LinkVersions(int oldest, int newest) {
    public LinkVersions {
        if (oldest < 1 || newest < oldest) {
            throw new IllegalArgumentException("versions %d to %d are no range from 1 on".formatted(oldest, newest));
        }
    }

    /** @param oldest as it stands in a message; 0 = the newest only, as builds say that speak one version */
    public static LinkVersions said(int oldest, int newest) {
        return new LinkVersions(oldest == 0 ? newest : oldest, newest);
    }

    /** Empty if there is none: the two must not talk. */
    public OptionalInt newestInCommon(LinkVersions other) {
        int newestOfBoth = Math.min(newest, other.newest);
        return newestOfBoth < Math.max(oldest, other.oldest) ? OptionalInt.empty() : OptionalInt.of(newestOfBoth);
    }

    public boolean contains(int version) {
        return oldest <= version && version <= newest;
    }

    @Override
    public String toString() {
        return oldest == newest ? "version " + newest : "versions %d to %d".formatted(oldest, newest);
    }
}
