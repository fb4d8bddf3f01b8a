/** The crash suite: a process is killed at one step of a hand-over, and what becomes of the guest is looked at from outside. */
@NullMarked
package dev.neurath.chaos.handover;

import org.jspecify.annotations.NullMarked;
