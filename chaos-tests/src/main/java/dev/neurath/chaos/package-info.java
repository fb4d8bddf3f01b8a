/** Faults, set on the real system on purpose, and what must hold all the same. */
@NullMarked
package dev.neurath.chaos;

import org.jspecify.annotations.NullMarked;
