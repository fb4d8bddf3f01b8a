/** The node's main class; everything else is in the packages below. */
@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator;
