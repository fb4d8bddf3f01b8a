/** Processes by identity: found, looked at, frozen, ended and started; what to do with them is decided elsewhere. */
@NullMarked
package dev.neurath.agent.process;

import org.jspecify.annotations.NullMarked;
