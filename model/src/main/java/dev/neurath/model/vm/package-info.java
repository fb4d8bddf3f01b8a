/** The VM's state machine: events, state, rules and what the actor around it must do. */
@NullMarked
package dev.neurath.model.vm;

import org.jspecify.annotations.NullMarked;
