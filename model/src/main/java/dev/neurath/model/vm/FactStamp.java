package dev.neurath.model.vm;

/**
 * The place of an agent's fact in its own order: later incarnations come after earlier ones, and within one the sequence counts.
 *
 * @param incarnation number of the agent's start, kept in its state directory
 */
public record FactStamp(long incarnation, long sequence) implements Comparable<FactStamp> {
    public static final FactStamp NONE = new FactStamp(0, 0);

    @Override
    public int compareTo(FactStamp other) {
        int byIncarnation = Long.compare(incarnation, other.incarnation);
        return byIncarnation != 0 ? byIncarnation : Long.compare(sequence, other.sequence);
    }

    public boolean isAfter(FactStamp other) {
        return compareTo(other) > 0;
    }
}
