/** One OpenTelemetry trace per attempt to upgrade a VM, made of the events that the attempt left behind. */
@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator.traces;
