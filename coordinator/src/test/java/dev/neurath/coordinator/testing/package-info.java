/** What tests of whole nodes need: nodes, agents and databases of their own. */
@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator.testing;
