/** From an event's commit until a client has it. */
@NullMarked
package dev.neurath.bench.feed;

import org.jspecify.annotations.NullMarked;
