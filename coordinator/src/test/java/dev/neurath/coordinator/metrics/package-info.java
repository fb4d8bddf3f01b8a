@NullMarked
package dev.neurath.coordinator.metrics;

import org.jspecify.annotations.NullMarked;
