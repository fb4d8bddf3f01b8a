/** The event feed: the journal's rows as events for people and programs. */
@org.jspecify.annotations.NullMarked
package dev.neurath.coordinator.feed;
