/** A rollout: its intent, the planner that makes a plan of it, and the state machine that carries the plan out. */
@NullMarked
package dev.neurath.model.rollout;

import org.jspecify.annotations.NullMarked;
