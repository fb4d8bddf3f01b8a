package dev.neurath.model;

/**
 * The fencing counter of one VM: assigned in an event, only ever growing, carried by every order. An agent refuses what is below the highest it
 * has seen.
 */
public record Generation(long value) implements Comparable<Generation> {
    public static final Generation NONE = new Generation(0);

    public Generation {
        if (value < 0) {
            throw new IllegalArgumentException("generation must not be negative: " + value);
        }
    }

    public Generation next() {
        return new Generation(Math.addExact(value, 1));
    }

    public boolean isAfter(Generation other) {
        return value > other.value;
    }

    @Override
    public int compareTo(Generation other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
