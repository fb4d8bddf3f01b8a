package dev.neurath.persistence.nodes;

import java.util.List;
import java.util.UUID;

/** What a node that looks for its cluster is to do. */
public sealed interface Seat {

    /** Form a new cluster with itself as the first member: granted to one node only. */
    record Found(UUID founding) implements Seat {}

    /** Join these nodes. When none lets it in within a while, ask again: they may have died since. */
    record Join(List<String> addresses) implements Seat {}

    /** Ask again in about a second: members are on record that may be alive or not. */
    record Wait(List<String> undecided) implements Seat {}
}
