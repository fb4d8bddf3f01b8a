/** Whole rollouts over VMs on paper, beside a durable-execution engine with as many steps. */
@NullMarked
package dev.neurath.bench.rollout;

import org.jspecify.annotations.NullMarked;
