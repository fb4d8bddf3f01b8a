package dev.neurath.model;

/** The fleet that a coordinator and its agents belong to; an agent of another fleet is turned away. */
public record FleetId(String value) implements Comparable<FleetId> {
    public FleetId {
        Ids.check("fleet id", value);
    }

    @Override
    public int compareTo(FleetId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
