/** What a coordinator node is made of and how it starts, becomes ready and ends. */
@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator.node;
