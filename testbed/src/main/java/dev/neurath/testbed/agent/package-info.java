/** A host's agent with hand-overs that fail on purpose: real processes are stopped, killed or bent. */
@NullMarked
package dev.neurath.testbed.agent;

import org.jspecify.annotations.NullMarked;
