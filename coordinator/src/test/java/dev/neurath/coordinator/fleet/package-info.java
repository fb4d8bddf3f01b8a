@NullMarked
package dev.neurath.coordinator.fleet;

import org.jspecify.annotations.NullMarked;
