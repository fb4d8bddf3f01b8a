package dev.neurath.model;

/** What a transition means for undoing: the shape of every table is checked by it. */
public enum Kind {
    /** Can still be undone: a failure from here leads back to where the attempt began. */
    COMPENSATABLE,
    /** The decision passes to somebody who cannot be overruled any more. */
    PIVOT,
    /** Only forward: is retried until it holds. */
    RETRIABLE,
    /** Comes to rest. */
    REST
}
