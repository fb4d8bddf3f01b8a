package dev.neurath.model;

/** One rollout: an applied plan. */
public record RolloutId(String value) implements Comparable<RolloutId> {
    public RolloutId {
        Ids.check("rollout id", value);
    }

    @Override
    public int compareTo(RolloutId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
