package dev.neurath.persistence.nodes;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node as its row shows it.
 *
 * @param founding of the cluster it belongs to; null while it looks for one
 * @param fresh whether it was seen lately by the database's clock: a hint, not a proof, since clocks jump
 */
record NodeRow(String address, UUID incarnation, @Nullable UUID founding, long beats, boolean fresh) {}
