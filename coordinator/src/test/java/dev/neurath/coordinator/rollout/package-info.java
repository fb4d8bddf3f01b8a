@NullMarked
package dev.neurath.coordinator.rollout;

import org.jspecify.annotations.NullMarked;
