package dev.neurath.bench.journal;

/**
 * What is appended: each in flight belongs to an entity of its own, which appends its next event when the last one is durable.
 *
 * @param name in the ids of the entities, so that no two loads share one
 * @param perEntity events, until another entity takes its place
 */
record Load(String name, int events, int inFlight, int perEntity, int payloadBytes) {
    Load named(String other) {
        return new Load(other, events, inFlight, perEntity, payloadBytes);
    }

    /** The same for every contestant. Not to be squeezed by any compression that a table has. */
    byte[] payload(long number) {
        var bytes = new byte[payloadBytes];
        new java.util.Random(number).nextBytes(bytes);
        return bytes;
    }
}
