/** The fleet as a planner sees it, and the facts that a pre-flight judges by. */
@NullMarked
package dev.neurath.model.fleet;

import org.jspecify.annotations.NullMarked;
