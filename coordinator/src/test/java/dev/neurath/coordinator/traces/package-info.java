@NullMarked
package dev.neurath.coordinator.traces;

import org.jspecify.annotations.NullMarked;
