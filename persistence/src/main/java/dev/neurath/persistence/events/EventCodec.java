package dev.neurath.persistence.events;

/**
 * How the events of one kind of entity are written, in which version, and how older versions are read.
 *
 * <p>The manifest is {@code type/version}, for example {@code vm/3}. A protobuf that only gains fields keeps its version; a new
 * version is for a change of meaning, and then {@link #upcast} leads from each older one to the next, for ever.
 *
 * <p>A snapshot's version is its level: whoever adds to an event what the state keeps raises it and gives no {@link #upcast}. A snapshot of another level is
 * passed over, and the events are replayed.
 *
 * @param <E> the sealed event type of the entity
 */
public interface EventCodec<E> {
    /** Short and for ever, as {@code vm}; letters, digits and dashes. */
    String type();

    /** What {@link #encode} writes; from 1 on. */
    int version();

    Class<E> eventClass();

    byte[] encode(E event);

    /** @param payload in the present version */
    E decode(byte[] payload);

    /**
     * Turns a payload of {@code fromVersion} into one of the next.
     *
     * @throws IllegalArgumentException for a version that was never written
     */
    default byte[] upcast(int fromVersion, byte[] payload) {
        throw new IllegalArgumentException("There was never a " + type() + "/" + fromVersion);
    }
}
