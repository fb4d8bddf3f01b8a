@NullMarked
package dev.neurath.coordinator;

import org.jspecify.annotations.NullMarked;
