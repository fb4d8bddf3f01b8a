@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator.api;
