/** The event-sourced actors of rollouts, budget and releases, and what wakes them. */
@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator.rollout;
