package dev.neurath.persistence.kryo;

/**
 * One module's list of classes that it sends between nodes; named in {@code neurath.serialization.kryo-registrations}.
 *
 * <p>Needs a public constructor without parameters. Numbers are for ever: a class may be removed, its number is not given to
 * another, or nodes of two builds in one cluster misread each other.
 */
public interface KryoRegistration {
    void register(KryoIds ids);
}
