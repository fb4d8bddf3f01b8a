package dev.neurath.model.budget;

import dev.neurath.model.RolloutId;

/**
 * The right to have one attempt in flight, from the moment it is durable until its attempt's terminal event.
 *
 * @param number grows over all rollouts; it is the attempt's number, by which the VM knows a stale order
 * @param limits what the holder asked to be kept
 */
public record Token(int number, RolloutId rollout, TokenRequest place, Budget limits) {}
