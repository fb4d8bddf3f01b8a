package dev.neurath.model;

/** A host of the fleet: one agent identity. Several may share a kernel in tests, never in production. */
public record HostId(String value) implements Comparable<HostId> {
    public HostId {
        Ids.check("host id", value);
    }

    @Override
    public int compareTo(HostId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
