/**
 * The exhaustive explorer of the hand-over: the product's own rules on both ends of the link, run against a world in which everything that can fail
 * does, and every state that can be reached is looked at.
 *
 * <p>{@link dev.neurath.model.explorer.State} is one moment of that world; what moves it is in the classes named …Moves; {@link
 * dev.neurath.model.explorer.Explorer} visits. What must hold is in {@link dev.neurath.model.explorer.Ghosts} where a side is touched, and in {@link
 * dev.neurath.model.explorer.Invariants} for every state.
 */
@NullMarked
package dev.neurath.model.explorer;

import org.jspecify.annotations.NullMarked;
