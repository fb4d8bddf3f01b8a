/** VMs that somebody else started: which process one is, whether it can be handed over, and the command line that builds it again. */
@NullMarked
package dev.neurath.agent.adopt;

import org.jspecify.annotations.NullMarked;
