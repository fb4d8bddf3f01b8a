@NullMarked
package dev.neurath.coordinator.node;

import org.jspecify.annotations.NullMarked;
