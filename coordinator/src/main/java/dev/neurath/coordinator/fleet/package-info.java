/** The fleet as this node sees it: a fold of the feed, in memory. */
@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator.fleet;
