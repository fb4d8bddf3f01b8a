package dev.neurath.model.release;

/** What follows from the catalog's durable event. */
public sealed interface ReleaseEffect {
    /** Every agent gets the new catalog. */
    record SendCatalog() implements ReleaseEffect {}
}
