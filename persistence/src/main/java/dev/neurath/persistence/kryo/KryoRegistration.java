package dev.neurath.persistence.kryo;

/**
 * One module's list of classes that it sends between nodes; named in {@code neurath.serialization.kryo-registrations}.
 *
 * <p>Needs a public constructor without parameters. A number is for ever, and so is the shape of what has it: a record's components, an enum's constants in
 * their order. What changes takes a new number beside the old one, or nodes of two builds in one cluster misread each other.
 */
public interface KryoRegistration {
    void register(KryoIds ids);
}
