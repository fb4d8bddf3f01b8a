package dev.neurath.model;

/** A release: what we want to run, a registered set of files with hashes. */
public record ReleaseId(String value) implements Comparable<ReleaseId> {
    public ReleaseId {
        Ids.check("release id", value);
    }

    @Override
    public int compareTo(ReleaseId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
