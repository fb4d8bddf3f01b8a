/** The agent's line to the coordinator: it dials out to any node, reports facts until they are acknowledged, and takes orders of its own session only. */
@NullMarked
package dev.neurath.agent.link;

import org.jspecify.annotations.NullMarked;
