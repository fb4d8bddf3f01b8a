/** What a Prometheus scrapes from a node. */
@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator.metrics;
