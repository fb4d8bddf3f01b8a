/** What the agent must remember of each hand-over, and the locks that keep a second agent away. */
@NullMarked
package dev.neurath.agent.log;

import org.jspecify.annotations.NullMarked;
