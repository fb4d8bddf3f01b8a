/** The gRPC services for operators. */
@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator.api;
